import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, InvalidCursorError, PageQueryDto, type AuthUser } from '../../common/index.js';
import { PlacePageDto } from '../dto/place-page.dto.js';
import { PlaceMarksService } from './place-marks.service.js';
import { PlacePresenter } from './place-presenter.js';

@ApiTags('users')
@ApiProblems(InvalidCursorError)
@Controller('users/me')
export class MyMarksController {
  constructor(
    private readonly marks: PlaceMarksService,
    private readonly presenter: PlacePresenter,
  ) {}

  /**
   * List the places you like.
   *
   * Most recent like first.
   */
  @Get('likes')
  async listMyLikes(@Query() query: PageQueryDto, @CurrentUser() user: AuthUser): Promise<PlacePageDto> {
    return this.presenter.page(await this.marks.list('like', user.userId, query), user);
  }

  /**
   * List the places you have bookmarked.
   *
   * Most recent bookmark first.
   */
  @Get('bookmarks')
  async listMyBookmarks(@Query() query: PageQueryDto, @CurrentUser() user: AuthUser): Promise<PlacePageDto> {
    return this.presenter.page(await this.marks.list('bookmark', user.userId, query), user);
  }
}
