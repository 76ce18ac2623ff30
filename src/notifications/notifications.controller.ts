import { Body, Controller, Get, HttpCode, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type AuthUser } from '../common/index.js';
import { NotificationListDto } from './dto/notification-list.dto.js';
import { ReadNotificationsDto } from './dto/read-notifications.dto.js';
import { NotificationsService } from './notifications.service.js';

@ApiTags('notifications')
@Controller('notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  /**
   * List your notifications.
   *
   * The last 100, newest first.
   */
  @Get()
  async listNotifications(@CurrentUser() user: AuthUser): Promise<NotificationListDto> {
    return NotificationListDto.from(await this.notifications.list(user));
  }

  /** Mark notifications as read, up to the given id. */
  @Put('read')
  @HttpCode(204)
  async markNotificationsRead(@CurrentUser() user: AuthUser, @Body() { upTo }: ReadNotificationsDto): Promise<void> {
    await this.notifications.markRead(user, upTo);
  }
}
