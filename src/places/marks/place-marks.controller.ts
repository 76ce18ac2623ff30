import { Controller, Delete, HttpCode, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, ParseIdPipe, type AuthUser } from '../../common/index.js';
import { PlaceNotFoundError } from '../places.errors.js';
import { PlaceMarksService } from './place-marks.service.js';

@ApiTags('places')
@ApiProblems(PlaceNotFoundError)
@Controller('places/:id')
export class PlaceMarksController {
  constructor(private readonly marks: PlaceMarksService) {}

  /** Like a place. */
  @Put('like')
  @HttpCode(204)
  async likePlace(@Param('id', ParseIdPipe) id: number, @CurrentUser() user: AuthUser): Promise<void> {
    await this.marks.like(id, user.userId);
  }

  /** Unlike a place. */
  @Delete('like')
  @HttpCode(204)
  async unlikePlace(@Param('id', ParseIdPipe) id: number, @CurrentUser() user: AuthUser): Promise<void> {
    await this.marks.unlike(id, user.userId);
  }

  /** Bookmark a place. */
  @Put('bookmark')
  @HttpCode(204)
  async bookmarkPlace(@Param('id', ParseIdPipe) id: number, @CurrentUser() user: AuthUser): Promise<void> {
    await this.marks.bookmark(id, user.userId);
  }

  /** Remove a bookmark. */
  @Delete('bookmark')
  @HttpCode(204)
  async unbookmarkPlace(@Param('id', ParseIdPipe) id: number, @CurrentUser() user: AuthUser): Promise<void> {
    await this.marks.unbookmark(id, user.userId);
  }
}
