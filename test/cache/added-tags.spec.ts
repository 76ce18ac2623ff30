import { Injectable, type Type } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut, type CacheableOptions, type CacheCall } from '../../src/cache/index.js';
import { responderFor } from '../../src/cache/runtime/cached-response.js';
import { ServiceUnavailableError } from '../../src/common/index.js';
import { until } from '../support/until.js';
import { createCacheApp, type CacheApp } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

interface Note {
  readonly id: number;
  readonly author: string;
  readonly text: string;
}

interface Notes {
  text: string;
  down: boolean;
  get(id: number): Promise<Note>;
  put(id: number): Promise<Note>;
  evictAuthor(author: string): Promise<void>;
}

const key = (id: number) => id;
const byArguments = (id: number) => [`note:${id}`, 'author:kim'];
const byResult = {
  tags(this: CacheCall<Note>) {
    return [`note:${this.result.id}`, `author:${this.result.author}`];
  },
};
const withResponse = { response: (note: Note) => note };
const author = { cache: 'notes', tags: (name: string) => [`author:${name}`] } as const;

/** A release of one service: how it caches a note, with which tags. */
function release(options: CacheableOptions): Type<Notes> {
  const lookup: object = { cache: 'notes', key, ...options };

  @Injectable()
  class Release implements Notes {
    text = 'old';
    down = false;

    @Cacheable(lookup)
    get(id: number): Promise<Note> {
      return this.down ? Promise.reject(new ServiceUnavailableError(new Error('down'))) : this.load(id);
    }

    @CachePut({ cache: 'notes', key })
    put(id: number): Promise<Note> {
      return this.load(id);
    }

    @CacheEvict(author)
    evictAuthor(_author: string): Promise<void> {
      return Promise.resolve();
    }

    private load(id: number): Promise<Note> {
      return Promise.resolve({ id, author: 'kim', text: this.text });
    }
  }
  return Release;
}

describe('prevents failure mode 51: a release that adds a tag serves entries without it', () => {
  const redis = useRedis();
  const apps: CacheApp[] = [];
  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

  async function start(options: CacheableOptions): Promise<{ notes: Notes; app: CacheApp }> {
    const Release = release(options);
    const app = await createCacheApp({ redisUrl: redis.server.url, providers: [Release] });
    apps.push(app);
    return { notes: app.get(Release), app };
  }

  /** Changes the note through the new release, after the old release has stored it; returns the text read then. */
  async function readAfterChange(before: CacheableOptions, after: CacheableOptions): Promise<string> {
    const [{ notes: old }, { notes }] = [await start(before), await start(after)];
    await old.get(1);
    await notes.get(1);
    notes.text = 'new';
    await notes.evictAuthor('kim');
    return (await notes.get(1)).text;
  }

  it.each<[string, CacheableOptions, CacheableOptions]>([
    ['has no tag at all', {}, { tags: byArguments }],
    ['has some of the tags', { tags: (id: number) => [`note:${id}`] }, { tags: byArguments }],
    ['has no tag at all, when the tags come from the result', {}, byResult],
    ['has some of the tags, when they come from the result', { tags: (id: number) => [`note:${id}`] }, byResult],
    ['has a prepared response', withResponse, { ...withResponse, tags: byArguments }],
    ['has a prepared response, when the tags come from the result', withResponse, { ...withResponse, ...byResult }],
    ['expires when idle', { idle: '1m' }, { idle: '1m', tags: byArguments }],
    ['is under a sync operation', { sync: true }, { sync: true, tags: byArguments }],
  ])('misses an entry that %s', async (_what, before, after) => {
    expect(await readAfterChange(before, after)).toBe('new');
  });

  it('misses before anything is evicted, and stores the entry again with its tags', async () => {
    const { notes: old } = await start({});
    const { notes, app } = await start({ tags: byArguments });
    await old.get(1);
    notes.text = 'loaded by the new release';
    expect((await notes.get(1)).text).toBe('loaded by the new release');
    expect((await old.get(1)).text).toBe('loaded by the new release');
    const { entries } = await app.caches.get('notes').entries(10);
    expect(entries.map(({ tags }) => tags)).toEqual([['author:kim', 'note:1']]);
  });

  it.each([
    ['the arguments name', { tags: byArguments }],
    ['the result names', byResult],
  ])('hits when the lookup names only tags the entry has, which %s', async (_who, options) => {
    const { notes, app } = await start(options);
    await notes.get(1);
    notes.text = 'new';
    for (const _time of [1, 2]) expect((await notes.get(1)).text).toBe('old');
    const { notes: withFewer } = await start({});
    expect((await withFewer.get(1)).text).toBe('old');
    expect(app.caches.stats()['notes']).toMatchObject({ hits: 2, misses: 1, undecodable: 0 });
  });

  it('misses only the entry that lacks a tag when several are read in one command', async () => {
    const { notes: old } = await start({ tags: (id: number) => [`note:${id}`] });
    const { notes } = await start({ tags: (id: number) => [id === 7 ? 'added' : `note:${id}`] });
    const ids = Array.from({ length: 16 }, (_, id) => id);
    await Promise.all(ids.map((id) => old.get(id)));
    notes.text = 'new';
    const found = await Promise.all(ids.map((id) => notes.get(id)));
    expect(ids.filter((id) => found[id]?.text === 'new')).toEqual([7]);
  });

  it.each([
    ['the arguments name', byArguments],
    ['the result names', byResult.tags],
  ])('does not serve such an entry as stale, with tags that %s', async (_who, tags) => {
    const sturdy = { ttl: 40, staleIfError: '1h' } as const;
    const { notes: old, app } = await start(sturdy);
    const { notes } = await start({ ...sturdy, tags });
    await old.get(1);
    await until(async () => (await app.caches.get('notes').get(1)) === undefined);
    notes.down = true;
    await expect(notes.get(1)).rejects.toThrow(ServiceUnavailableError);
  });

  it('misses a prepared response that lacks a tag', async () => {
    const { notes: old } = await start(withResponse);
    await old.get(1);
    for (const tags of [byArguments, byResult.tags]) {
      const { notes } = await start({ ...withResponse, tags });
      const respond = responderFor(notes, 'get');
      notes.text = String(tags.length);
      expect(JSON.parse((await respond([1])).body.toString())).toMatchObject({ text: String(tags.length) });
      await old.put(1);
    }
  });

  it('misses when a put of another method stored the entry', async () => {
    const { notes } = await start({ tags: byArguments });
    await notes.get(1);
    await notes.put(1);
    notes.text = 'new';
    await notes.evictAuthor('kim');
    expect((await notes.get(1)).text).toBe('new');
  });

  it('misses for callers of getOrLoad and putIfAbsent', async () => {
    const { app } = await start({});
    const cache = app.caches.get('by-hand');
    await cache.put('a', 'old');
    expect(await cache.getOrLoad('a', () => Promise.resolve('new'), { tags: ['tag'] })).toBe('new');
    await cache.put('b', 'old');
    expect(await cache.putIfAbsent('b', 'new', { tags: ['tag'] })).toBeUndefined();
    await cache.evictTags(['tag']);
    expect([await cache.get('a'), await cache.get('b')]).toEqual([undefined, undefined]);
  });

  it('misses when the tags of the stored value can no longer be computed', async () => {
    const { notes: old } = await start({});
    await old.get(1);
    const tags = function (this: CacheCall<Note>) {
      if (this.result.text === 'old') throw new TypeError('the entry of the release before has no such field');
      return [`author:${this.result.author}`];
    };
    const { notes } = await start({ tags });
    notes.text = 'new';
    expect((await notes.get(1)).text).toBe('new');
  });
});
