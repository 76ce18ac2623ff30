import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, InvalidCursorError, PageQueryDto, type AuthUser } from '../../common/index.js';
import { PlacePageDto, PlacePresenter } from '../../places/index.js';
import { ActivityListsService } from '../activity-lists.service.js';

@ApiTags('users')
@Controller('users/me/recent-places')
export class MyRecentPlacesController {
  constructor(
    private readonly lists: ActivityListsService,
    private readonly presenter: PlacePresenter,
  ) {}

  /**
   * List your recently viewed places.
   *
   * The last 50 places, most recent view first, each once.
   */
  @ApiProblems(InvalidCursorError)
  @Get()
  async listMyRecentPlaces(@Query() query: PageQueryDto, @CurrentUser() user: AuthUser): Promise<PlacePageDto> {
    return this.presenter.page(await this.lists.listRecent(user.userId, query), user);
  }
}
