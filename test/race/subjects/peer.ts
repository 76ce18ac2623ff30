import { afterCommit, inTransaction } from '../../../src/database/index.js';
import type { Ledger } from '../ledger.js';
import type { Row } from '../model.js';
import type { Subject } from '../schedule-runner.js';
import { READS, SHORT_LIFE_MS, type Read, type Write } from '../schedule.js';

/** Adapter interface of a cache library. */
export interface PeerCache {
  getOrLoad(key: string, tag: string, load: () => Promise<Row>, ttlMs: number): Promise<Row>;
  set(key: string, tag: string, row: Row): Promise<unknown>;
  delete(keys: readonly string[]): Promise<unknown>;
  /** Deletes by key where the library has no tags. */
  deleteTag(tag: string, keys: readonly string[]): Promise<unknown>;
  clear(): Promise<unknown>;
}

/**
 * Another cache library, used as documented: `getOrSet` or `wrap` to read, deletion after a change. It does not support
 * transactions, so this class deletes after the commit and bypasses the cache inside of a transaction.
 */
export class Peer implements Subject {
  constructor(
    private readonly cache: PeerCache,
    private readonly ledger: Ledger,
  ) {}

  read(how: Read, id: number): Promise<Row> {
    const load = () => this.ledger.load(id);
    const ttlMs = how === 'getShortLived' ? SHORT_LIFE_MS : 10_000;
    return inTransaction() ? load() : this.cache.getOrLoad(`${how}:${id}`, tagOf(id), load, ttlMs);
  }

  async write(how: Write, id: number, by: number): Promise<Row> {
    if (how === 'evictEarly') await this.cache.delete(keysOf(id));
    const write = () => this.ledger.write(id, by);
    const row = await (how === 'evict' ? write() : this.ledger.inTransaction(write));
    await afterCommit(async () => {
      await this.change(how, row);
    });
    return row;
  }

  private async change(how: Write, row: Row): Promise<unknown> {
    const [tag, keys] = [tagOf(row.id), keysOf(row.id)];
    if (how === 'evictAll') return this.cache.clear();
    if (how === 'evictTag') return this.cache.deleteTag(tag, keys);
    if (how !== 'put') return this.cache.delete(keys);
    await this.cache.set(`get:${row.id}`, tag, row);
    return this.cache.delete(keys.filter((key) => !key.startsWith('get:')));
  }
}

const tagOf = (id: number) => `row:${id}`;
const keysOf = (id: number) => READS.map((how) => `${how}:${id}`);
