import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { ADD_VIEWS } from './scripts/add-views.script.js';
import { SEAL_BATCH } from './scripts/seal-batch.script.js';
import { DROP_BATCH } from './scripts/drop-batch.script.js';
import { FIND_SETTLED_BATCHES } from './scripts/find-settled-batches.script.js';

/** Views of one place in one hour. */
export interface HourlyViews {
  readonly placeId: number;
  /** Hours since 1970. */
  readonly hour: number;
  readonly views: number;
}

/** A sealed batch of counts; immutable. */
export interface ViewBatch {
  /** UUID; identifies batches that have been written. */
  readonly id: string;
  readonly counts: readonly HourlyViews[];
}

/** Backlog in Redis: open counts (one per place and hour), and sealed batches. */
export interface Backlog {
  readonly open: number;
  readonly batches: number;
}

const OPEN = 'views:{views}:open';
const BATCHES = 'views:{views}:batches';
const batchKey = (id: string) => `views:{views}:batch:${id}`;
const senderKey = (sender: string) => `views:{views}:sender:${sender}`;
/** TTL of a sender's last number; longer than any process retries one batch. */
const SENDER_TTL_MS = 86_400_000;

/**
 * Views not yet written to PostgreSQL, in the durable Redis. All keys are in one hash slot:
 *
 * | key                         | value                                                               |
 * |-----------------------------|---------------------------------------------------------------------|
 * | `views:{views}:open`        | hash, `<hour>:<place>` → views; incremented by each view            |
 * | `views:{views}:batches`     | sorted set, batch ids by time of sealing, in milliseconds           |
 * | `views:{views}:batch:<id>`  | hash like `open`; immutable until it is written and deleted         |
 * | `views:{views}:sender:<id>` | number of the last batch received from a process; TTL one day       |
 */
@Injectable()
export class ViewStore {
  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /**
   * Adds views by place id. If it rejects, the views may have been stored nevertheless: call it again with the same
   * number and views; they are counted once.
   * @param sender id of the sending process
   * @param number sequence number of the batch, from 1
   */
  async add(sender: string, number: number, views: ReadonlyMap<number, number>): Promise<void> {
    await ADD_VIEWS.run(this.redis, [OPEN, senderKey(sender)], [number, SENDER_TTL_MS, ...[...views].flat()]);
  }

  /**
   * Seals a batch of open counts.
   * @param limit maximum number of counts in the batch
   * @returns number of counts in the batch; 0 if there are no open counts, in which case no batch is created
   */
  async sealBatch(limit: number): Promise<number> {
    const id = randomUUID();
    return (await SEAL_BATCH.run(this.redis, [OPEN, BATCHES, batchKey(id)], [id, limit])) as number;
  }

  /** Ids of the batches sealed at least `settlingMs` ago, oldest first. */
  async findSettled(settlingMs: number): Promise<string[]> {
    return (await FIND_SETTLED_BATCHES.run(this.redis, [BATCHES], [settlingMs])) as string[];
  }

  async read(id: string): Promise<ViewBatch> {
    const fields = Object.entries(await this.redis.hgetall(batchKey(id)));
    const counts = fields.map(([field, views]) => {
      const [hour = NaN, placeId = NaN] = field.split(':').map(Number);
      return { hour, placeId, views: Number(views) };
    });
    return { id, counts };
  }

  async drop(id: string): Promise<void> {
    await DROP_BATCH.run(this.redis, [BATCHES, batchKey(id)], [id]);
  }

  /** Size of the backlog; reads two lengths, so its cost does not depend on the size. */
  async backlog(): Promise<Backlog> {
    const [open, batches] = await Promise.all([this.redis.hlen(OPEN), this.redis.zcard(BATCHES)]);
    return { open, batches };
  }
}
