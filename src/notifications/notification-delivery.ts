import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Outbox } from '../database/index.js';
import { PlaceMarksService } from '../places/index.js';
import { InjectRedis, type RedisClient } from '../redis/index.js';
import { NotificationHistory } from './history/notification-history.js';
import { recipientOf, type NewNotification, type Notification, type Recipient } from './notification.js';
import { NotificationsRepository } from './notifications.repository.js';

/** Where it is published, for all instances, up to which id notifications are stored. */
export const NEWEST_CHANNEL = 'notifications';

const NOTIFICATION_TOPIC = 'notifications';
const FORGOTTEN = 'notification-histories';
const STORED_AT_ONCE = 100;
const BOOKMARKERS_AT_ONCE = 100;

/** The same notification to everybody who has bookmarked a place. */
export interface ToBookmarkers extends Pick<NewNotification, 'source' | 'kind' | 'data'> {
  readonly placeId: number;
  /** Who made the change and knows of it. */
  readonly exceptId: string;
  /** The last bookmarker who has been told; null to begin. */
  readonly after: string | null;
}

type NotificationMessage = NewNotification | ToBookmarkers;

/**
 * Sends notifications. They are posted with the change they tell of, through the outbox: one that is rolled back tells
 * nothing, one that is committed tells whatever crashes. Right after the commit this process stores and publishes them;
 * what it could not, the relay of any process does. Each source is stored once, so all of it may happen twice.
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
    this.outbox.handle(FORGOTTEN, async (rows) => {
      await Promise.all(rows.map(({ payload }) => this.history.forget(payload as Recipient)));
    });
  }

  /** Sends with the transaction of the caller, or at once without one. */
  async post(...letters: readonly NotificationMessage[]): Promise<void> {
    await this.outbox.post(NOTIFICATION_TOPIC, letters);
  }

  /** Drops what Redis keeps for a recipient, once the transaction of the caller is committed. */
  async forget(...recipients: readonly Recipient[]): Promise<void> {
    await this.outbox.post(FORGOTTEN, recipients);
  }

  private async deliver(letters: readonly NotificationMessage[]): Promise<void> {
    await this.store(letters.filter((letter): letter is NewNotification => !isToBookmarkers(letter)));
    for (const letter of letters.filter(isToBookmarkers)) await this.deliverToBookmarkers(letter);
  }

  /** A hundred at a time. The rest is posted before this part ends, so that no crash lies between them. */
  private async deliverToBookmarkers(letter: ToBookmarkers): Promise<void> {
    const { placeId, exceptId, after, source, kind, data } = letter;
    const userIds = await this.bookmarks.findBookmarkers(placeId, after, BOOKMARKERS_AT_ONCE);
    const told = userIds.filter((userId) => userId !== exceptId);
    const whom = (userId: string) => ({ audience: 'user', userId, senderId: exceptId }) as const;
    await this.store(told.map((userId) => ({ source: `${source}:${userId}`, ...whom(userId), kind, data })));
    const last = userIds.at(-1);
    if (userIds.length < BOOKMARKERS_AT_ONCE || last === undefined) return;
    await this.outbox.post(NOTIFICATION_TOPIC, [{ ...letter, after: last } satisfies ToBookmarkers]);
  }

  /** In small parts: what is stored stays so when PostgreSQL is too slow for all of it. */
  private async store(fresh: readonly NewNotification[]): Promise<void> {
    for (let from = 0; from < fresh.length; from += STORED_AT_ONCE) {
      await this.storePart(fresh.slice(from, from + STORED_AT_ONCE));
    }
  }

  private async storePart(fresh: readonly NewNotification[]): Promise<void> {
    const stored = await this.notifications.insert(fresh);
    const newest = stored.at(-1);
    if (newest === undefined) return;
    // Only a hint: whoever misses it looks by himself soon after.
    const published = this.redis.publish(NEWEST_CHANNEL, String(newest.id)).catch(() => undefined);
    await Promise.all([published, this.keep(stored)]);
  }

  /** What Redis could not be told it must not be asked for. */
  private async keep(stored: readonly Notification[]): Promise<void> {
    try {
      await this.history.add(stored);
    } catch {
      await this.outbox.addNow(FORGOTTEN, [...new Set(stored.map(recipientOf))]);
    }
  }
}

function isToBookmarkers(letter: NotificationMessage): letter is ToBookmarkers {
  return 'placeId' in letter;
}
