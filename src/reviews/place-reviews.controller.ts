import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, LocationHeader, CurrentUser, InvalidCursorError, ParseIdPipe, Public, type AuthUser } from '../common/index.js';
import { RateLimit } from '../rate-limit/index.js';
import { PlaceNotFoundError } from '../places/index.js';
import { CreateReviewDto } from './dto/create-review.dto.js';
import { ReviewPageDto } from './dto/review-page.dto.js';
import { ReviewQueryDto } from './dto/review-query.dto.js';
import { ReviewDto } from './dto/review.dto.js';
import { ReviewPresenter } from './review-presenter.js';
import { ReviewAlreadyExistsError } from './reviews.errors.js';
import { ReviewsService } from './reviews.service.js';

@ApiTags('reviews')
@Controller('places/:id/reviews')
export class PlaceReviewsController {
  constructor(
    private readonly reviews: ReviewsService,
    private readonly presenter: ReviewPresenter,
  ) {}

  /** List the reviews of a place. */
  @ApiProblems(PlaceNotFoundError, InvalidCursorError)
  @Public()
  @Get()
  async listReviews(
    @Param('id', ParseIdPipe) placeId: number,
    @Query() { sort, ...page }: ReviewQueryDto,
    @CurrentUser() caller?: AuthUser,
  ): Promise<ReviewPageDto> {
    return this.presenter.page(await this.reviews.list(placeId, sort, page), caller);
  }

  /**
   * Review a place.
   *
   * One review per user and place; you can edit it later.
   */
  @ApiProblems(PlaceNotFoundError, ReviewAlreadyExistsError)
  @LocationHeader('/api/v1/reviews')
  @RateLimit({ limit: 20, window: '1m' })
  @Post()
  async createReview(
    @Param('id', ParseIdPipe) placeId: number,
    @Body() fields: CreateReviewDto,
    @CurrentUser() caller: AuthUser,
  ): Promise<ReviewDto> {
    return this.presenter.one(await this.reviews.create(placeId, caller.userId, fields), caller);
  }
}
