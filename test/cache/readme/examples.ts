import { CACHE_MANAGER, type Cache as NestCache } from '@nestjs/cache-manager';
import { Controller, Get, Inject, Injectable, Param } from '@nestjs/common';
import {
  Cacheable, CacheConfig, CacheEvict, CacheManager, CachePut, CacheType, Caching, ServeFromCache, type CacheCall,
} from '../../../src/cache/index.js';
import { ParseIdPipe, toId } from '../../../src/common/index.js';

/** The table that the examples of src/cache/README.md read and write. */
@Injectable()
export class NotesTable {
  private readonly rows = new Map<number, Note>();
  reads = 0;

  save(note: Note): Promise<Note> {
    this.rows.set(note.id, note);
    return Promise.resolve(note);
  }

  find(id: number): Promise<Note | null> {
    this.reads += 1;
    return Promise.resolve(this.rows.get(id) ?? null);
  }

  of(author: string): Promise<Note[]> {
    this.reads += 1;
    return Promise.resolve([...this.rows.values()].filter((note) => note.author === author));
  }

  remove(id: number): Promise<void> {
    this.rows.delete(id);
    return Promise.resolve();
  }
}

@CacheType({ name: 'note', version: 1 })
export class Note {
  constructor(
    readonly id: number,
    readonly author: string,
    readonly text: string,
  ) {}
}

@Injectable()
export class NotesService {
  constructor(private readonly notes: NotesTable) {}

  @Cacheable({ cache: 'note', key: (id: number) => id, ttl: '10m' })
  get(id: number): Promise<Note | null> {
    return this.notes.find(id);
  }

  @CacheEvict({ cache: 'note', key: (id: number) => id })
  async rewrite(id: number, author: string, text: string): Promise<void> {
    await this.notes.save(new Note(id, author, text));
  }
}

@Injectable()
@CacheConfig({ cache: 'note' })
export class MoreNotesService {
  constructor(private readonly notes: NotesTable) {}

  @Cacheable({
    key: (id: number) => id,
    condition: (id: number) => id > 0,
    unless: (note: Note | null) => note === null,
  })
  get(id: number): Promise<Note | null> {
    return this.notes.find(id);
  }

  @CachePut({ key(this: CacheCall<Note>) { return this.result.id; } })
  create(note: Note): Promise<Note> {
    return this.notes.save(note);
  }

  @Caching({ evict: [{ key: (id: number) => id }, { cache: 'notes', allEntries: true }] })
  remove(id: number): Promise<void> {
    return this.notes.remove(id);
  }
}

@Injectable()
export class TaggedNotesService {
  constructor(private readonly notes: NotesTable) {}

  @Cacheable({ cache: 'notes', key: (author: string) => author, tags: (author: string) => [`author:${author}`] })
  by(author: string): Promise<Note[]> {
    return this.notes.of(author);
  }

  @CacheEvict({ cache: 'notes', tags: (note: Note) => [`author:${note.author}`] })
  add(note: Note): Promise<Note> {
    return this.notes.save(note);
  }
}

@Injectable()
export class FailSafeNotesService {
  constructor(private readonly notes: NotesTable) {}

  @Cacheable({ cache: 'sturdy', key: (id: number) => id, staleIfError: '1h', softTimeout: '250ms', hardTimeout: '2s' })
  get(id: number): Promise<Note | null> {
    return this.notes.find(id);
  }

  @Cacheable({ cache: 'report', key: (author: string) => author, sync: true })
  report(author: string): Promise<Note[]> {
    return this.notes.of(author);
  }

  @Cacheable({ cache: 'mine', key: () => 'all', scope: 'user' })
  mine(author: string): Promise<Note[]> {
    return this.notes.of(author);
  }
}

@Injectable()
export class PreparedNotesService {
  constructor(private readonly notes: NotesTable) {}

  @Cacheable({ cache: 'served', key: (id: number) => id, response: (note: Note) => ({ id: note.id, text: note.text }) })
  async get(id: number): Promise<Note> {
    return (await this.notes.find(id)) ?? new Note(id, 'nobody', '');
  }
}

@Controller('notes')
export class NotesController {
  constructor(private readonly notes: PreparedNotesService) {}

  @ServeFromCache(PreparedNotesService, 'get', ({ id }) => [toId(id)])
  @Get(':id')
  get(@Param('id', ParseIdPipe) id: number): Promise<Note> {
    return this.notes.get(id);
  }
}

@Injectable()
export class RatesService {
  constructor(
    private readonly caches: CacheManager,
    @Inject(CACHE_MANAGER) private readonly plain: NestCache,
  ) {}

  async byHand(): Promise<number> {
    const rates = this.caches.get('rates');
    await rates.put('KRW', 1390, { ttl: '5m', tags: ['asia'] });
    await rates.evictTags(['asia']);
    return rates.getOrLoad('KRW', () => Promise.resolve(1400), { ttl: '5m' });
  }

  async greetThroughCacheManager(): Promise<string | undefined> {
    await this.plain.set('greeting', 'hello', 60_000);
    return this.plain.get<string>('greeting');
  }
}

export const uncached = { provide: CacheManager, useFactory: () => CacheManager.none() };
