import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ViewStore } from './view-store.js';

/** Interval between batches; views of this time are lost if the process is killed. */
const SEND_INTERVAL_MS = 200;
/** Maximum number of places buffered; reached only while Redis is unavailable. Views of further places are dropped. */
const MAX_PLACES = 5_000;

interface PendingBatch {
  readonly number: number;
  readonly views: ReadonlyMap<number, number>;
}

/**
 * Buffers views in this process and sends them to Redis five times a second, so that a view costs its request one
 * addition in a map. A view is acknowledged once Redis has stored it: a kill of the process loses the views of the last
 * 200 ms, a graceful shutdown none. While Redis is unavailable, views stay buffered here as counts per place.
 */
@Injectable()
export class ViewCounter implements OnApplicationShutdown {
  private readonly sender = randomUUID();
  private views = new Map<number, number>();
  /** Batch being sent; unchanged until Redis confirms it, so that it can be resent under the same number. */
  private batch: PendingBatch | undefined;
  private lastNumber = 0;
  private timer: NodeJS.Timeout | undefined;
  private sent = Promise.resolve();
  private isStopping = false;

  /** Views of this process that Redis has confirmed. */
  acknowledged = 0;
  /** Views dropped because the buffer was full while Redis was unavailable. */
  dropped = 0;

  constructor(private readonly store: ViewStore) {}

  count(placeId: number): void {
    const count = this.views.get(placeId);
    if (count === undefined && this.views.size >= MAX_PLACES) {
      this.dropped += 1;
      return;
    }
    this.views.set(placeId, (count ?? 0) + 1);
    this.sendLater();
  }

  /** Views of this process that Redis has not confirmed yet. */
  get waiting(): number {
    return sumOf(this.views) + (this.batch === undefined ? 0 : sumOf(this.batch.views));
  }

  /** Sends the buffered views: in this phase the server handles no more requests, and Redis is still connected. */
  async onApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.sent;
    // Twice: the unconfirmed batch, then the views counted since.
    for (let attempts = 2; attempts > 0 && this.waiting > 0; attempts -= 1) await this.send();
  }

  private sendLater(): void {
    if (this.isStopping) return;
    this.timer ??= setTimeout(() => {
      this.sent = this.send().then(() => {
        this.timer = undefined;
        if (this.waiting > 0) this.sendLater();
      });
    }, SEND_INTERVAL_MS).unref();
  }

  private async send(): Promise<void> {
    if (this.batch === undefined) {
      this.batch = { number: (this.lastNumber += 1), views: this.views };
      this.views = new Map();
    }
    try {
      await this.store.add(this.sender, this.batch.number, this.batch.views);
      this.acknowledged += sumOf(this.batch.views);
      this.batch = undefined;
    } catch {
      // The batch is resent under the same number; the Redis connection logs the error.
    }
  }
}

function sumOf(views: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of views.values()) sum += count;
  return sum;
}
