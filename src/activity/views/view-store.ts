import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { ADD_VIEWS } from './scripts/add-views.script.js';
import { CUT_BATCH } from './scripts/cut-batch.script.js';
import { DROP_BATCH } from './scripts/drop-batch.script.js';
import { FIND_RESTED_BATCHES } from './scripts/find-rested-batches.script.js';

/** How often a place was seen in an hour. */
export interface HourlyViews {
  readonly placeId: number;
  /** Hours since 1970. */
  readonly hour: number;
  readonly views: number;
}

/** Counts that nobody adds to any more. */
export interface ViewBatch {
  /** UUID: what has been written is known by it. */
  readonly id: string;
  readonly counts: readonly HourlyViews[];
}

/** How much waits in Redis; each count is of one place and hour. */
export interface WaitingCounts {
  readonly open: number;
  readonly batches: number;
}

const OPEN = 'views:{views}:open';
const BATCHES = 'views:{views}:batches';
const batchKey = (id: string) => `views:{views}:batch:${id}`;
const senderKey = (sender: string) => `views:{views}:sender:${sender}`;
/** Longer than anybody keeps trying to send one thing. */
const SENDER_LIFE_MS = 86_400_000;

/**
 * The views that are not yet in PostgreSQL, in the durable Redis. All keys in one slot:
 *
 * | key                         | is                                                                     |
 * |-----------------------------|------------------------------------------------------------------------|
 * | `views:{views}:open`        | hash, `<hour>:<place>` → views, grows by each view                      |
 * | `views:{views}:batches`     | sorted set, ids of batches by the time they were cut, in milliseconds    |
 * | `views:{views}:batch:<id>`  | hash like the open one, never changed until it is written and deleted    |
 * | `views:{views}:sender:<id>` | number of the last thing a process has sent, for a day                   |
 */
@Injectable()
export class ViewStore {
  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /**
   * Adds views by place id. When it rejects, they may be there all the same: it is to be called again with the same
   * number and views, and they count once.
   * @param sender names the process
   * @param number of what it sends, from 1 upwards
   */
  async add(sender: string, number: number, views: ReadonlyMap<number, number>): Promise<void> {
    await ADD_VIEWS.run(this.redis, [OPEN, senderKey(sender)], [number, SENDER_LIFE_MS, ...[...views].flat()]);
  }

  /**
   * Cuts a batch off what is open.
   * @returns of how many counts; 0 when nothing is open, and there is no batch then
   */
  async sealBatch(most: number): Promise<number> {
    const id = randomUUID();
    return (await CUT_BATCH.run(this.redis, [OPEN, BATCHES, batchKey(id)], [id, most])) as number;
  }

  /** Ids of the batches that were cut so long ago, oldest first. */
  async findSettled(restMs: number): Promise<string[]> {
    return (await FIND_RESTED_BATCHES.run(this.redis, [BATCHES], [restMs])) as string[];
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

  /** Two lengths, whatever is waiting. */
  async waiting(): Promise<WaitingCounts> {
    const [open, batches] = await Promise.all([this.redis.hlen(OPEN), this.redis.zcard(BATCHES)]);
    return { open, batches };
  }
}
