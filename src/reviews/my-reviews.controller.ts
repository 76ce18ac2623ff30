import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, InvalidCursorError, PageQueryDto, type AuthUser } from '../common/index.js';
import { ReviewPageDto } from './dto/review-page.dto.js';
import { ReviewPresenter } from './review-presenter.js';
import { ReviewsService } from './reviews.service.js';

@ApiTags('users')
@ApiProblems(InvalidCursorError)
@Controller('users/me/reviews')
export class MyReviewsController {
  constructor(
    private readonly reviews: ReviewsService,
    private readonly presenter: ReviewPresenter,
  ) {}

  /**
   * List your reviews.
   *
   * Newest first.
   */
  @Get()
  async listMyReviews(@Query() query: PageQueryDto, @CurrentUser() user: AuthUser): Promise<ReviewPageDto> {
    return this.presenter.page(await this.reviews.listByAuthor(user.userId, query), user);
  }
}
