import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Outbox } from '../database/index.js';
import { PlaceMarksService } from '../places/index.js';
import { InjectRedis, type RedisClient } from '../redis/index.js';
import { NotificationHistory } from './history/notification-history.js';
import { recipientOf, type NewNotification, type Notification, type Recipient } from './notification.js';
import { NotificationsRepository } from './notifications.repository.js';

/** Pub/sub channel on which the newest stored id is published to all instances. */
export const NEWEST_CHANNEL = 'notifications';

const NOTIFICATION_TOPIC = 'notifications';
const HISTORY_DROP_TOPIC = 'notification-histories';
const INSERT_BATCH_SIZE = 100;
const BOOKMARKERS_PER_MESSAGE = 100;

/** One notification to all users who have bookmarked a place. */
export interface ToBookmarkers extends Pick<NewNotification, 'source' | 'kind' | 'data'> {
  readonly placeId: number;
  /** User who made the change; not notified. */
  readonly exceptId: string;
  /** Last bookmarker already notified; null at the start. */
  readonly after: string | null;
}

type NotificationMessage = NewNotification | ToBookmarkers;

/**
 * Sends notifications through the outbox, in the transaction of the change they report: a rollback sends none, and
 * after a commit they are delivered despite crashes. This process stores and publishes them right after the commit;
 * the outbox relay of any process retries what failed. Delivery is idempotent: each `source` is stored once.
 */
@Injectable()
export class NotificationDelivery implements OnModuleInit {
  constructor(
    private readonly outbox: Outbox,
    private readonly notifications: NotificationsRepository,
    private readonly history: NotificationHistory,
    private readonly bookmarks: PlaceMarksService,
    @InjectRedis('store') private readonly redis: RedisClient,
  ) {}

  onModuleInit(): void {
    this.outbox.handle(NOTIFICATION_TOPIC, (rows) => {
      return this.deliver(rows.map(({ payload }) => payload as NotificationMessage));
    });
    this.outbox.handle(HISTORY_DROP_TOPIC, async (rows) => {
      await Promise.all(rows.map(({ payload }) => this.history.drop(payload as Recipient)));
    });
  }

  /** Sends the notifications when the caller's transaction commits; without a transaction, at once. */
  async post(...messages: readonly NotificationMessage[]): Promise<void> {
    await this.outbox.post(NOTIFICATION_TOPIC, messages);
  }

  /** Drops the cached histories of the recipients after the caller's transaction has committed. */
  async dropHistories(...recipients: readonly Recipient[]): Promise<void> {
    await this.outbox.post(HISTORY_DROP_TOPIC, recipients);
  }

  private async deliver(messages: readonly NotificationMessage[]): Promise<void> {
    await this.store(messages.filter((message): message is NewNotification => !isToBookmarkers(message)));
    for (const message of messages.filter(isToBookmarkers)) await this.deliverToBookmarkers(message);
  }

  /** 100 bookmarkers per message. The next message is posted before this one is completed, so a crash loses neither. */
  private async deliverToBookmarkers(message: ToBookmarkers): Promise<void> {
    const { placeId, exceptId, after, source, kind, data } = message;
    const userIds = await this.bookmarks.findBookmarkers(placeId, after, BOOKMARKERS_PER_MESSAGE);
    const recipients = userIds.filter((userId) => userId !== exceptId);
    const recipient = (userId: string) => ({ audience: 'user', userId, senderId: exceptId }) as const;
    await this.store(recipients.map((userId) => ({ source: `${source}:${userId}`, ...recipient(userId), kind, data })));
    const last = userIds.at(-1);
    if (userIds.length < BOOKMARKERS_PER_MESSAGE || last === undefined) return;
    await this.outbox.post(NOTIFICATION_TOPIC, [{ ...message, after: last } satisfies ToBookmarkers]);
  }

  /** Stores in small batches, so that partial progress persists when PostgreSQL is too slow for all of them. */
  private async store(unstored: readonly NewNotification[]): Promise<void> {
    for (let from = 0; from < unstored.length; from += INSERT_BATCH_SIZE) {
      await this.storeBatch(unstored.slice(from, from + INSERT_BATCH_SIZE));
    }
  }

  private async storeBatch(unstored: readonly NewNotification[]): Promise<void> {
    const stored = await this.notifications.insert(unstored);
    const newest = stored.at(-1);
    if (newest === undefined) return;
    // Only a wake-up signal: a process that misses it finds the notifications at its next poll.
    const published = this.redis.publish(NEWEST_CHANNEL, String(newest.id)).catch(() => undefined);
    await Promise.all([published, this.addToHistories(stored)]);
  }

  /** Adds to the cached histories; if that fails, has the outbox drop them, since they are incomplete. */
  private async addToHistories(stored: readonly Notification[]): Promise<void> {
    try {
      await this.history.add(stored);
    } catch {
      await this.outbox.addNow(HISTORY_DROP_TOPIC, [...new Set(stored.map(recipientOf))]);
    }
  }
}

function isToBookmarkers(message: NotificationMessage): message is ToBookmarkers {
  return 'placeId' in message;
}
