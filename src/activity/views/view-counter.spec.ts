import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../test/support/until.js';
import { ViewCounter } from './view-counter.js';
import type { ViewStore } from './view-store.js';

/** Store whose writes end when the test confirms them. */
class DeferredStore {
  readonly batches: ReadonlyMap<number, number>[] = [];
  atOnce = 0;
  private readonly pending: (() => void)[] = [];

  async add(_sender: string, _number: number, views: ReadonlyMap<number, number>): Promise<void> {
    this.batches.push(views);
    this.atOnce = Math.max(this.atOnce, this.batches.length - this.confirmed);
    await new Promise<void>((resolve) => this.pending.push(resolve));
  }

  confirmed = 0;

  confirm(): void {
    this.confirmed += 1;
    this.pending.shift()?.();
  }
}

describe('ViewCounter at shutdown', () => {
  it('sends one batch at a time, also to a slow store, and loses no view', async () => {
    const store = new DeferredStore();
    const counter = new ViewCounter(store as unknown as ViewStore);
    counter.count(1);
    await until(() => store.batches.length === 1);
    counter.count(2);
    const stopped = counter.onApplicationShutdown();
    store.confirm();
    await until(() => store.batches.length === 2);
    // Longer than the interval between batches: a timer that still ran would send beside the shutdown.
    await sleep(300);
    store.confirm();
    await stopped;
    expect(store.atOnce).toBe(1);
    expect(counter.acknowledged).toBe(2);
    expect(counter.waiting).toBe(0);
  });
});
