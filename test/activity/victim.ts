import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../src/sample-data/random.js';
import type { TestServers } from '../support/test-servers.js';
import { openFlusher, type Flusher } from './flusher.js';
import { shipment } from './shipments.js';

/** What a process that will be killed is to do, in each of several services at once. */
export interface Order {
  readonly services: readonly TestServers[];
  /** Names what it sends, with the position of the service. */
  readonly sender: string;
  readonly seed: number;
}

/** Redis has acknowledged what it was sent up to this number; 0 when it has begun. */
export interface Acknowledged {
  readonly service: number;
  readonly number: number;
}

async function work({ services, sender, seed }: Order): Promise<void> {
  const opened: Flusher[] = [];
  for (const service of services) opened.push(await openFlusher(service));
  for (const [service, flusher] of opened.entries()) {
    const random = new SeededRandom(seed + service);
    process.send?.({ service, number: 0 } satisfies Acknowledged);
    void send(flusher, service, `${sender}-${service}`, random);
    void flush(flusher, random);
  }
}

/** Sends some things twice, as if there had been no answer. */
async function send({ store }: Flusher, service: number, sender: string, random: SeededRandom): Promise<never> {
  for (let number = 1; ; number += 1) {
    if (random.chance(0.2)) await store.add(sender, number, shipment(number));
    await store.add(sender, number, shipment(number));
    process.send?.({ service, number } satisfies Acknowledged);
    await sleep(random.between(5, 30));
  }
}

/** Where a lock was taken away, two may be at one batch, and one of them is refused: that is no error here. */
async function flush(flusher: Flusher, random: SeededRandom): Promise<never> {
  for (;;) {
    await flusher.flush.run({ restMs: random.chance(0.5) ? 0 : 20 }).catch(() => undefined);
    await sleep(random.between(2, 30));
  }
}

process.once('message', (order: Order) => void work(order));
process.on('disconnect', () => process.exit());
