import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { HISTORY_LENGTH, NotificationHistory } from './history/notification-history.js';
import { NotificationDelivery } from './notification-delivery.js';
import { recipientsOf, type Notification, type Reader } from './notification.js';
import { NotificationsRepository } from './notifications.repository.js';

/** A notification with its read state. */
export interface ReadNotification extends Notification {
  readonly read: boolean;
}

/** A notification from the operators to all users. */
export interface Announcement {
  /** UUID. */
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

/** Notification lists, read positions and announcements. */
@Injectable()
export class NotificationsService {
  constructor(
    private readonly notifications: NotificationsRepository,
    private readonly history: NotificationHistory,
    private readonly delivery: NotificationDelivery,
  ) {}

  /** Last 100 notifications of a reader, newest first. */
  async list(reader: Reader): Promise<ReadNotification[]> {
    const [mark, ...lists] = await Promise.all([
      this.notifications.findReadMark(reader.userId),
      ...recipientsOf(reader).map((recipient) => this.history.read(recipient)),
    ]);
    const newest = lists.flat().sort((one, other) => other.id - one.id).slice(0, HISTORY_LENGTH);
    return newest.map((each) => ({ ...each, read: each.id <= mark }));
  }

  /** Marks all notifications up to this id as read. */
  async markRead({ userId }: Reader, upTo: number): Promise<void> {
    await this.notifications.markRead(userId, upTo);
  }

  /** Sends an announcement to all users. */
  async announce(title: string, body: string): Promise<Announcement> {
    const announcement = { id: randomUUID(), title, body };
    const source = `announcement:${announcement.id}`;
    await this.delivery.post({ source, audience: 'all', userId: null, kind: 'announcement', data: announcement });
    return announcement;
  }
}
