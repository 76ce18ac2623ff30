import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, ForbiddenError, ParseIdPipe, Public, type AuthUser } from '../common/index.js';
import { ReviewDto } from './dto/review.dto.js';
import { UpdateReviewDto } from './dto/update-review.dto.js';
import { ReviewPresenter } from './review-presenter.js';
import { ReviewNotFoundError } from './reviews.errors.js';
import { ReviewsService } from './reviews.service.js';

@ApiTags('reviews')
@ApiProblems(ReviewNotFoundError)
@Controller('reviews/:id')
export class ReviewsController {
  constructor(
    private readonly reviews: ReviewsService,
    private readonly presenter: ReviewPresenter,
  ) {}

  /** Get a review. */
  @Public()
  @Get()
  async getReview(@Param('id', ParseIdPipe) id: number, @CurrentUser() caller?: AuthUser): Promise<ReviewDto> {
    return this.presenter.one(await this.reviews.get(id), caller);
  }

  /** Update your review. */
  @ApiProblems(ForbiddenError)
  @Patch()
  async updateReview(
    @Param('id', ParseIdPipe) id: number,
    @Body() changes: UpdateReviewDto,
    @CurrentUser() caller: AuthUser,
  ): Promise<ReviewDto> {
    return this.presenter.one(await this.reviews.update(id, caller, changes), caller);
  }

  /**
   * Delete a review.
   *
   * Only for its author and admins.
   */
  @ApiProblems(ForbiddenError)
  @Delete()
  @HttpCode(204)
  async deleteReview(@Param('id', ParseIdPipe) id: number, @CurrentUser() caller: AuthUser): Promise<void> {
    await this.reviews.remove(id, caller);
  }

  /** Like a review. */
  @Put('like')
  @HttpCode(204)
  async likeReview(@Param('id', ParseIdPipe) id: number, @CurrentUser() caller: AuthUser): Promise<void> {
    await this.reviews.like(id, caller.userId);
  }

  /** Unlike a review. */
  @Delete('like')
  @HttpCode(204)
  async unlikeReview(@Param('id', ParseIdPipe) id: number, @CurrentUser() caller: AuthUser): Promise<void> {
    await this.reviews.unlike(id, caller.userId);
  }
}
