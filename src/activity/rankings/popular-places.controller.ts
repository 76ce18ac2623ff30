import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, InvalidCursorError, Public, type AuthUser } from '../../common/index.js';
import { PlacePageDto, PlacePresenter } from '../../places/index.js';
import { ActivityListsService } from '../activity-lists.service.js';
import { PopularQueryDto } from '../dto/popular-query.dto.js';

@ApiTags('places')
@Controller('places/popular')
export class PopularPlacesController {
  constructor(
    private readonly lists: ActivityListsService,
    private readonly presenter: PlacePresenter,
  ) {}

  /**
   * List popular places.
   *
   * Most popular first, ranked every minute by views, likes, bookmarks and reviews of the last 24 hours or seven days.
   * Contains at most 1,000 places, and none without activity in the period. Ties are broken by newest first.
   */
  @ApiProblems(InvalidCursorError)
  @Public()
  @Get()
  async listPopularPlaces(
    @Query() { window, ...page }: PopularQueryDto,
    @CurrentUser() caller?: AuthUser,
  ): Promise<PlacePageDto> {
    return this.presenter.page(await this.lists.listPopular(window, page), caller);
  }
}
