// What Nest's documentation shows: CacheInterceptor over @keyv/redis, on Fastify or, with `express`, on Express.
// Decorators are applied by hand, so that no compiler is needed.
import 'reflect-metadata';
import KeyvRedis from '@keyv/redis';
import { CacheInterceptor, CacheModule } from '@nestjs/cache-manager';
import { Controller, Get, Module, Param, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

const place = JSON.parse(process.env.BENCH_BODY ?? '{}');

class PlacesController {
  getPlace(/** @type {string} */ id) {
    return { ...place, id: Number(id) };
  }
}
const getPlace = Object.getOwnPropertyDescriptor(PlacesController.prototype, 'getPlace');
Get(':id')(PlacesController.prototype, 'getPlace', /** @type {PropertyDescriptor} */ (getPlace));
Param('id')(PlacesController.prototype, 'getPlace', 0);
UseInterceptors(CacheInterceptor)(PlacesController);
Controller('api/v1/places')(PlacesController);

class AppModule {}
Module({
  imports: [CacheModule.register({ stores: [new KeyvRedis(process.env.REDIS_CACHE_URL)], ttl: 1_800_000 })],
  controllers: [PlacesController],
})(AppModule);

const adapter = process.argv[2] === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: false });
await app.listen(Number(process.env.PORT), '127.0.0.1');
