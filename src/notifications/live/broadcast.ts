import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ThrottledLogger } from '../../common/index.js';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { HISTORY_LENGTH } from '../history/notification-history.js';
import { NEWEST_CHANNEL } from '../notification-delivery.js';
import type { Notification, Reader } from '../notification.js';
import { NotificationsRepository } from '../notifications.repository.js';
import { drained, PENDING_BYTES_MAX } from './drained.js';
import { Frame, type LiveConnection } from './live-connection.js';
import { LiveConnections } from './live-connections.js';

/** Poll interval; catches notifications whose publish was lost. */
const POLL_INTERVAL_MS = 2_000;
/** Rows read per query (≤ 600 kB, if all have the maximum length). */
const PAGE_SIZE = 100;

/**
 * Sends every notification to its recipients' connections in this process: exactly once, in order, without gaps.
 *
 * The database is the source; a message published in Redis is only a wake-up signal. Ids become visible in ascending
 * order (see `NotificationsRepository.insert`), so one number records the progress of this process: everything up to
 * `cursor` is sent. After a lost message, a disconnected subscriber or a stalled process, the next poll, at most 2 s
 * later, continues from `cursor`.
 */
@Injectable()
export class Broadcast implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Notifications');
  /** Connections that have received everything up to `cursor`, with their position when they joined (may be ahead). */
  private readonly live = new Map<LiveConnection, number>();
  private cursor = 0;
  private isDirty = false;
  private readonly failures = new ThrottledLogger(this.logger);
  private running: Promise<void> | undefined;
  private currentPage: Promise<void> | undefined;
  private pollTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connections: LiveConnections,
    private readonly notifications: NotificationsRepository,
    @InjectRedis('subscriber') private readonly subscriber: RedisClient,
  ) {}

  onApplicationBootstrap(): void {
    this.subscriber.on('message', (channel: string) => {
      if (channel === NEWEST_CHANNEL) this.poll();
    });
    this.subscriber.on('ready', () => void this.subscribe());
    if (this.subscriber.status === 'ready') void this.subscribe();
    this.pollTimer = setInterval(() => this.live.size > 0 && this.poll(), POLL_INTERVAL_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.pollTimer);
    await this.running;
  }

  /**
   * Position after which a client continues.
   * @param lastId id of the last event the client has received; undefined to start with the next one
   */
  async positionAfter(reader: Reader, lastId: number | undefined): Promise<number> {
    const newest = await this.notifications.findNewestId();
    if (lastId === undefined || lastId <= newest) return lastId ?? newest;
    // The newest notification may have been deleted together with its user.
    if (lastId <= (await this.notifications.findLastIssuedId())) return newest;
    // The database was restored to an earlier state. The notifications the client has missed since are among the last.
    const last = await this.notifications.findLast(reader, HISTORY_LENGTH);
    return (last.at(-1)?.id ?? newest + 1) - 1;
  }

  /**
   * Sends everything after `position`: first the stored notifications, page by page, as fast as the client reads; then
   * the new ones. Terminates the connection on failure, so that the client reconnects.
   */
  async join(connection: LiveConnection, position: number): Promise<void> {
    this.connections.add(connection);
    connection.onClose(() => this.live.delete(connection));
    // A page whose query started without this user lacks the user's notifications; it must end before the client joins.
    await this.currentPage;
    await this.resume(connection, position, () => this.fastForwardWhenIdle());
  }

  private async subscribe(): Promise<void> {
    try {
      await this.subscriber.subscribe(NEWEST_CHANNEL);
    } catch (error) {
      const delay = `notifications are delayed by up to ${POLL_INTERVAL_MS} ms`;
      this.logger.warn(`subscribing to Redis failed, ${delay}: ${String(error)}`);
    }
  }

  private async resume(connection: LiveConnection, position: number, prepare: () => Promise<void>): Promise<void> {
    try {
      await prepare();
      await this.replay(connection, position);
    } catch (error) {
      this.logger.debug(`replay aborted: ${String(error)}`);
      this.connections.disconnectSlow(connection);
    }
  }

  /** Without connections, the cursor of a process may be far behind; moves it to the newest id. */
  private async fastForwardWhenIdle(): Promise<void> {
    if (this.live.size > 0) return;
    const newest = await this.notifications.findNewestId();
    if (this.live.size === 0) this.cursor = Math.max(this.cursor, newest);
  }

  private async replay(connection: LiveConnection, from: number): Promise<void> {
    let position = from;
    while (position < this.cursor && !connection.isClosed) {
      const span = { after: position, upTo: this.cursor, limit: PAGE_SIZE };
      const missed = await this.notifications.findMissed(connection.user, span);
      for (const each of missed) {
        if (connection.pendingBytes > PENDING_BYTES_MAX) await drained(connection);
        this.connections.send(connection, new Frame(each));
      }
      position = missed.length < PAGE_SIZE ? span.upTo : (missed.at(-1)?.id ?? span.upTo);
    }
    // Same event-loop turn as the check that nothing is missing: from here on every page includes this client.
    if (!connection.isClosed) this.live.set(connection, position);
  }

  /** Reads and sends new notifications; if already running, runs once more afterwards. */
  private poll(): void {
    this.isDirty = true;
    this.running ??= this.sendNew();
  }

  private async sendNew(): Promise<void> {
    try {
      while (this.isDirty) {
        this.isDirty = false;
        const newest = await this.findNewest();
        while (this.cursor < newest) {
          const page = this.sendPage(newest);
          this.currentPage = page.catch(() => undefined);
          await page;
        }
      }
      this.failures.reset();
    } catch (error) {
      this.failures.warn('', `reading notifications failed, will retry: ${String(error)}`);
    } finally {
      this.running = undefined;
    }
  }

  private async findNewest(): Promise<number> {
    const { cursor } = this;
    const newest = await this.notifications.findNewestId();
    if (newest < cursor && (await this.notifications.findLastIssuedId()) < cursor) this.rewindTo(newest);
    return newest;
  }

  /** After a restore of the database, clients hold ids that do not exist: they reconnect and get a valid position. */
  private rewindTo(newest: number): void {
    this.cursor = newest;
    for (const connection of this.live.keys()) connection.terminate();
  }

  private async sendPage(newest: number): Promise<void> {
    const span = { after: this.cursor, upTo: newest, limit: PAGE_SIZE };
    // A client that joins meanwhile starts after the skipped range, or waits for this page.
    const { userIds } = this.connections;
    const rows = userIds.length === 0 ? [] : await this.notifications.findForConnected(userIds, span);
    for (const each of rows) this.sendToAll(each);
    this.cursor = Math.max(this.cursor, rows.length < PAGE_SIZE ? span.upTo : (rows.at(-1)?.id ?? span.upTo));
    await nextTurn();
  }

  private sendToAll(notification: Notification): void {
    const { id, userId, audience } = notification;
    const frame = new Frame(notification);
    for (const connection of userId === null ? this.live.keys() : this.connections.of(userId)) {
      const lastSentId = this.live.get(connection);
      if (lastSentId === undefined || id <= lastSentId) continue;
      if (audience === 'admins' && connection.user.role !== 'admin') continue;
      this.connections.send(connection, frame);
      if (connection.pendingBytes > PENDING_BYTES_MAX) this.pauseUntilDrained(connection, id);
    }
  }

  /** Pauses a client that reads too slowly; the others continue, and it gets what it misses from the database. */
  private pauseUntilDrained(connection: LiveConnection, position: number): void {
    this.live.delete(connection);
    void this.resume(connection, position, () => drained(connection));
  }
}
