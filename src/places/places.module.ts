import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/index.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { CatalogueService } from './catalogue/catalogue.service.js';
import { MyMarksController } from './marks/my-marks.controller.js';
import { PlaceBookmark } from './marks/place-bookmark.entity.js';
import { PlaceLike } from './marks/place-like.entity.js';
import { PlaceMarksController } from './marks/place-marks.controller.js';
import { PlaceMarksRepository } from './marks/place-marks.repository.js';
import { PlaceMarksService } from './marks/place-marks.service.js';
import { PlacePresenter } from './marks/place-presenter.js';
import { Place } from './place.entity.js';
import { PlacesController } from './places.controller.js';
import { PlacesListener } from './places.listener.js';
import { PlacesRepository } from './places.repository.js';
import { PlacesService } from './places.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Place, PlaceLike, PlaceBookmark]), UsersModule],
  controllers: [
    PlacesController,
    PlaceMarksController,
    MyMarksController,
    CatalogueController,
  ],
  providers: [
    PlacesService,
    PlacesRepository,
    PlacesListener,
    PlaceMarksService,
    PlaceMarksRepository,
    PlacePresenter,
    CatalogueService,
  ],
  exports: [PlacesService, PlaceMarksService, PlacePresenter],
})
export class PlacesModule {}
