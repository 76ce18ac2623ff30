import type { ReadNotification } from '../notifications.service.js';
import { NotificationDto } from './notification.dto.js';

/** Your latest notifications. */
export class NotificationListDto {
  /** The last 100 notifications, newest first. */
  items!: NotificationDto[];

  static from(notifications: readonly ReadNotification[]): NotificationListDto {
    const items = notifications.map((each) => NotificationDto.from(each));
    return Object.assign(new NotificationListDto(), { items });
  }
}
