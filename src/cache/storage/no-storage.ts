import type { CacheStorage, EntryPage, PutGuard, ReadResult } from './cache-storage.js';

/** Stores nothing: every read returns `unavailable`. */
export class NoStorage implements CacheStorage {
  read(): Promise<ReadResult> {
    return Promise.resolve({ kind: 'unavailable' });
  }

  peek(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  fill(): Promise<boolean> {
    return Promise.resolve(false);
  }

  renew(): Promise<boolean> {
    return Promise.resolve(false);
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  beginPut(cache: string): Promise<PutGuard> {
    return Promise.resolve({ cache, key: undefined, tags: undefined, seen: new Map() });
  }

  put(): Promise<boolean> {
    return Promise.resolve(false);
  }

  evict(): Promise<boolean> {
    return Promise.resolve(true);
  }

  invalidationMessage(): undefined {
    return undefined;
  }

  list(): Promise<EntryPage> {
    return Promise.resolve({ entries: [], next: undefined });
  }

  pendingInvalidations(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}
