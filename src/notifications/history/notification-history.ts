import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { recipientOf, audienceOf, type Notification, type Recipient } from '../notification.js';
import { NotificationsRepository } from '../notifications.repository.js';
import { ADD_TO_HISTORY } from './add-to-history.script.js';
import { FILL_HISTORY } from './fill-history.script.js';
import { READ_HISTORY } from './read-history.script.js';

/** Maximum number of notifications in a history. */
export const HISTORY_LENGTH = 100;
/** TTL of a whole history, not extended by reads: limits how long an addition lost in a failover stays missing. */
const WHOLE_TTL_MS = 1_800_000;
/** TTL of an opened history; longer than any database query takes. */
const OPENED_TTL_MS = 10_000;
const BATCH_SIZE = 200;

/**
 * Last 100 notifications of each recipient, stored in the cache Redis. PostgreSQL is the source, and is read while
 * Redis is unavailable or has evicted them. Once `add` has resolved, every stored history contains the added
 * notifications; if `add` rejects, the histories may be incomplete until `drop` has dropped them.
 */
@Injectable()
export class NotificationHistory {
  constructor(
    @InjectRedis('cache') private readonly redis: RedisClient,
    private readonly notifications: NotificationsRepository,
  ) {}

  /** Newest first. */
  async read(recipient: Recipient): Promise<Notification[]> {
    const [state, ...cached] = await this.open(recipient);
    if (state === 'whole') return cached.map((json) => fromJson(json, recipient));
    const found = await this.notifications.findNewest(recipient, HISTORY_LENGTH);
    if (state !== undefined) await this.fill(recipient, state, found);
    return found;
  }

  /** Adds committed notifications to the histories that exist in Redis. */
  async add(notifications: readonly Notification[]): Promise<void> {
    const lists = [...byRecipient(notifications)];
    while (lists.length > 0) {
      await Promise.all(
        lists.splice(0, BATCH_SIZE).map(([recipient, added]) =>
          ADD_TO_HISTORY.run(this.redis, [keyOf(recipient)], [HISTORY_LENGTH, ...scored(added)]),
        ),
      );
    }
  }

  /** Drops a history; the next read loads it from the database. */
  async drop(recipient: Recipient): Promise<void> {
    await this.redis.unlink(keyOf(recipient));
  }

  private async open(recipient: Recipient): Promise<string[]> {
    const values = [randomUUID(), OPENED_TTL_MS];
    const reply = await READ_HISTORY.run(this.redis, [keyOf(recipient)], values).catch(() => []);
    return reply as string[];
  }

  private async fill(recipient: Recipient, opening: string, found: readonly Notification[]): Promise<void> {
    const values = [opening, HISTORY_LENGTH, WHOLE_TTL_MS, ...scored(found)];
    // On failure, the caller still gets the result, and the next read queries the database again.
    await FILL_HISTORY.run(this.redis, [keyOf(recipient)], values).catch(() => undefined);
  }
}

function keyOf(recipient: Recipient): string {
  return `notifications:{${recipient}}`;
}

function byRecipient(notifications: readonly Notification[]): Map<Recipient, Notification[]> {
  const lists = new Map<Recipient, Notification[]>();
  for (const each of notifications) {
    const list = lists.get(recipientOf(each));
    if (list === undefined) lists.set(recipientOf(each), [each]);
    else list.push(each);
  }
  return lists;
}

/** Ids and JSON texts alternately; the text of a notification is deterministic, so adding it again changes nothing. */
function scored(notifications: readonly Notification[]): (string | number)[] {
  return notifications.flatMap(({ id, kind, data, createdAt }) => [id, JSON.stringify({ id, kind, data, createdAt })]);
}

function fromJson(json: string, recipient: Recipient): Notification {
  const { createdAt, ...rest } = JSON.parse(json) as Omit<Notification, 'createdAt'> & { createdAt: string };
  return { ...rest, ...audienceOf(recipient), createdAt: new Date(createdAt) };
}
