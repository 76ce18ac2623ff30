import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ApiProblems, LocationHeader, CurrentUser, ForbiddenError, IfMatch, InvalidCursorError, InvalidIfMatchError,
  ParseIdPipe, Public, toId, TrackView, VersionMismatchError,
  type AuthUser,
} from '../common/index.js';
import { ServeFromCache } from '../cache/index.js';
import { RateLimit } from '../rate-limit/index.js';
import { CreatePlaceDto } from './dto/create-place.dto.js';
import { PlacePageDto } from './dto/place-page.dto.js';
import { PlaceQueryDto } from './dto/place-query.dto.js';
import { PlaceDto } from './dto/place.dto.js';
import { UpdatePlaceDto } from './dto/update-place.dto.js';
import { PlacePresenter } from './marks/place-presenter.js';
import { PlaceAlreadyExistsError, PlaceNotFoundError } from './places.errors.js';
import { PlacesService } from './places.service.js';

@ApiTags('places')
@Controller('places')
export class PlacesController {
  constructor(
    private readonly places: PlacesService,
    private readonly presenter: PlacePresenter,
  ) {}

  /** Search places. */
  @ApiProblems(InvalidCursorError)
  @Public()
  @Get()
  async listPlaces(@Query() query: PlaceQueryDto, @CurrentUser() caller?: AuthUser): Promise<PlacePageDto> {
    return this.presenter.page(await this.places.list(query), caller);
  }

  /** Get a place. */
  @ApiProblems(PlaceNotFoundError)
  @TrackView('id')
  @ServeFromCache(PlacesService, 'get', ({ id }) => [toId(id)])
  @Get(':id')
  async getPlace(@Param('id', ParseIdPipe) id: number, @CurrentUser() caller?: AuthUser): Promise<PlaceDto> {
    return this.presenter.one(await this.places.get(id), caller);
  }

  /**
   * Create a place.
   *
   * You become its owner, and may edit and delete it.
   */
  @ApiProblems(PlaceAlreadyExistsError)
  @LocationHeader('/api/v1/places')
  @RateLimit({ limit: 10, window: '1m' })
  @Post()
  async createPlace(@Body() fields: CreatePlaceDto, @CurrentUser() caller: AuthUser): Promise<PlaceDto> {
    return this.presenter.one(await this.places.create(caller.userId, fields), caller);
  }

  /**
   * Update a place.
   *
   * Only for its owner and admins. To prevent lost updates, send the `ETag` or `"<version>"` of the place as
   * `If-Match`.
   */
  @ApiProblems(ForbiddenError, InvalidIfMatchError, PlaceNotFoundError, PlaceAlreadyExistsError, VersionMismatchError)
  @Patch(':id')
  async updatePlace(
    @Param('id', ParseIdPipe) id: number,
    @Body() changes: UpdatePlaceDto,
    @CurrentUser() caller: AuthUser,
    @IfMatch() versions?: readonly number[],
  ): Promise<PlaceDto> {
    return this.presenter.one(await this.places.update(id, caller, changes, versions), caller);
  }

  /**
   * Delete a place.
   *
   * Only for its owner and admins. Its reviews, likes and bookmarks are deleted too.
   */
  @ApiProblems(ForbiddenError, InvalidIfMatchError, PlaceNotFoundError, VersionMismatchError)
  @Delete(':id')
  @HttpCode(204)
  async deletePlace(
    @Param('id', ParseIdPipe) id: number,
    @CurrentUser() caller: AuthUser,
    @IfMatch() versions?: readonly number[],
  ): Promise<void> {
    await this.places.remove(id, caller, versions);
  }
}
