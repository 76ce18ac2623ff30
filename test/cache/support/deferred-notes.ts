import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut, type CacheCall } from '../../../src/cache/index.js';

export interface Note {
  id: number;
  text: string;
}

const key = (id: number) => id;
/** Name of the caller of the current call. */
export const caller = new AsyncLocalStorage<string>();

/** A data source whose responses the test controls, one per run of a method. */
export class Source {
  private readonly waiting: { resolve: (value: never) => void; reject: (error: unknown) => void }[] = [];
  runs = 0;
  readonly callers: (string | undefined)[] = [];

  request<T>(): Promise<T> {
    this.runs += 1;
    this.callers.push(caller.getStore());
    return new Promise<T>((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Waits until the methods have run the given number of times. */
  async started(runs = 1): Promise<void> {
    while (this.runs < runs) await sleep(1);
  }

  /** Responds to the oldest pending run; waits for one if there is none. */
  async respond(value: unknown): Promise<void> {
    (await this.next()).resolve(value as never);
  }

  async fail(error: unknown): Promise<void> {
    (await this.next()).reject(error);
  }

  /** Rejects all pending runs, so that none outlives the test. */
  rejectAll(): void {
    for (const { reject } of this.waiting.splice(0)) reject(new Error('the test has ended'));
  }

  private async next() {
    for (;;) {
      const first = this.waiting.shift();
      if (first !== undefined) return first;
      await sleep(1);
    }
  }
}

/** A service whose methods wait for the test to respond. */
@Injectable()
export class Notes {
  readonly source = new Source();

  @Cacheable({ cache: 'notes', key, tags: (id: number) => [`note:${id}`] })
  get(_id: number): Promise<Note> {
    return this.source.request();
  }

  @Cacheable({
    cache: 'notes',
    key: (id: number) => ['tagged by its result', id],
    tags(this: CacheCall<Note>) {
      return [`text:${this.result.text}`, `note:${this.result.id}`];
    },
  })
  getTaggedByResult(_id: number): Promise<Note> {
    return this.source.request();
  }

  /** Requests the entry that it is loading. */
  @Cacheable({ cache: 'notes', key, tags: (id: number) => [`note:${id}`] })
  async getByDetour(id: number): Promise<Note> {
    return this.get(id);
  }

  @CacheEvict({ cache: 'notes', key })
  evict(_id: number): Promise<void> {
    return Promise.resolve();
  }

  @CacheEvict({ cache: 'notes', allEntries: true })
  evictAll(_id: number): Promise<void> {
    return Promise.resolve();
  }

  @CacheEvict({ cache: 'notes', tags: (id: number) => [`note:${id}`] })
  evictTag(_id: number): Promise<void> {
    return Promise.resolve();
  }

  @CachePut({ cache: 'notes', key, tags: (id: number) => [`note:${id}`] })
  put(_id: number): Promise<Note> {
    return this.source.request();
  }

  @CachePut({
    cache: 'notes',
    key(this: CacheCall<Note>) {
      return this.result.id;
    },
    tags(this: CacheCall<Note>) {
      return [`note:${this.result.id}`];
    },
  })
  create(): Promise<Note> {
    return this.source.request();
  }
}

export const [v1, v2] = [
  { id: 1, text: 'v1' },
  { id: 1, text: 'v2' },
];
