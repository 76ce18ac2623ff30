import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PlacesModule } from '../places/index.js';
import { UsersModule } from '../users/index.js';
import { MyReviewsController } from './my-reviews.controller.js';
import { PlaceReviewsController } from './place-reviews.controller.js';
import { ReviewLike } from './review-like.entity.js';
import { ReviewPresenter } from './review-presenter.js';
import { Review } from './review.entity.js';
import { ReviewsController } from './reviews.controller.js';
import { ReviewsListener } from './reviews.listener.js';
import { ReviewsRepository } from './reviews.repository.js';
import { ReviewsService } from './reviews.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Review, ReviewLike]), PlacesModule, UsersModule],
  controllers: [PlaceReviewsController, ReviewsController, MyReviewsController],
  providers: [ReviewsService, ReviewsRepository, ReviewsListener, ReviewPresenter],
  exports: [ReviewsService],
})
export class ReviewsModule {}
