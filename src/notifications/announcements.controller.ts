import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, ForbiddenError, Roles } from '../common/index.js';
import { AnnouncementDto } from './dto/announcement.dto.js';
import { CreateAnnouncementDto } from './dto/create-announcement.dto.js';
import { NotificationsService } from './notifications.service.js';

@ApiTags('admin')
@Roles('admin')
@Controller('admin/announcements')
export class AnnouncementsController {
  constructor(private readonly notifications: NotificationsService) {}

  /**
   * Send an announcement to all users.
   *
   * Connected users receive it immediately, all others with their next list of notifications.
   */
  @ApiProblems(ForbiddenError)
  @Post()
  async createAnnouncement(@Body() { title, body }: CreateAnnouncementDto): Promise<AnnouncementDto> {
    return AnnouncementDto.from(await this.notifications.announce(title, body));
  }
}
