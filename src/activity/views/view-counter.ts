import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ViewStore } from './view-store.js';

/** So long views are collected before they are sent: what is lost when the process is killed. */
const WINDOW_MS = 200;
/** Of so many places at most; only without Redis are there ever more, and their views are dropped. */
const PLACES_AT_MOST = 5_000;

interface PendingBatch {
  readonly number: number;
  readonly views: ReadonlyMap<number, number>;
}

/**
 * Counts views in this process and sends them to Redis five times a second, so that a view costs its request an
 * addition in a map. A view is acknowledged once Redis has it: those of the last 200 ms are lost when the process is
 * killed, none when it is shut down. While Redis is away they wait here, as counts by place.
 */
@Injectable()
export class ViewCounter implements OnApplicationShutdown {
  private readonly sender = randomUUID();
  private views = new Map<number, number>();
  /** On its way, unchanged until Redis has answered. */
  private shipment: PendingBatch | undefined;
  private shipments = 0;
  private timer: NodeJS.Timeout | undefined;
  private sent = Promise.resolve();

  /** Views that Redis has got from this process. */
  acknowledged = 0;
  /** Views that were not counted, since there were too many places without Redis. */
  dropped = 0;

  constructor(private readonly store: ViewStore) {}

  count(placeId: number): void {
    const known = this.views.get(placeId);
    if (known === undefined && this.views.size >= PLACES_AT_MOST) {
      this.dropped += 1;
      return;
    }
    this.views.set(placeId, (known ?? 0) + 1);
    this.sendLater();
  }

  /** Views of this process that Redis does not have yet. */
  get waiting(): number {
    return sumOf(this.views) + (this.shipment === undefined ? 0 : sumOf(this.shipment.views));
  }

  /** The server answers nobody any more by now, and Redis is still connected. */
  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.sent;
    // What was on its way and got no answer, and what has come since.
    for (let left = 2; left > 0 && this.waiting > 0; left -= 1) await this.send();
  }

  private sendLater(): void {
    this.timer ??= setTimeout(() => {
      this.sent = this.send().then(() => {
        this.timer = undefined;
        if (this.waiting > 0) this.sendLater();
      });
    }, WINDOW_MS).unref();
  }

  private async send(): Promise<void> {
    if (this.shipment === undefined) {
      this.shipment = { number: (this.shipments += 1), views: this.views };
      this.views = new Map();
    }
    try {
      await this.store.add(this.sender, this.shipment.number, this.shipment.views);
      this.acknowledged += sumOf(this.shipment.views);
      this.shipment = undefined;
    } catch {
      // It is sent again under its number; what is wrong with Redis is told by the connection.
    }
  }
}

function sumOf(views: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of views.values()) sum += count;
  return sum;
}
