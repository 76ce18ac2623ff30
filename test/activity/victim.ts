import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../src/sample-data/random.js';
import type { TestServers } from '../support/test-servers.js';
import { openFlusher, type Flusher } from './flusher.js';
import { shipment } from './shipments.js';

/** Message to a process that will be killed: it works for each of several services at once. */
export interface Order {
  readonly services: readonly TestServers[];
  /** Prefix of the sender ids, which end with the index of the service. */
  readonly sender: string;
  readonly seed: number;
}

/** The highest number that Redis has acknowledged; 0 at the start. */
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

/** Sends some shipments twice, as if there had been no response. */
async function send({ store }: Flusher, service: number, sender: string, random: SeededRandom): Promise<never> {
  for (let number = 1; ; number += 1) {
    if (random.chance(0.2)) await store.add(sender, number, shipment(number));
    await store.add(sender, number, shipment(number));
    process.send?.({ service, number } satisfies Acknowledged);
    await sleep(random.between(5, 30));
  }
}

/** Flushes repeatedly; ignores the rejection of one of two flushes of a batch after the test deleted their lock. */
async function flush(flusher: Flusher, random: SeededRandom): Promise<never> {
  for (;;) {
    await flusher.flush.run({ settlingMs: random.chance(0.5) ? 0 : 20 }).catch(() => undefined);
    await sleep(random.between(2, 30));
  }
}

process.once('message', (order: Order) => void work(order));
process.on('disconnect', () => process.exit());
