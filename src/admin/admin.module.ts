import { Module } from '@nestjs/common';
import { AdminCachesController } from './admin-caches.controller.js';
import { AdminCachesService } from './admin-caches.service.js';

@Module({ controllers: [AdminCachesController], providers: [AdminCachesService] })
export class AdminModule {}
