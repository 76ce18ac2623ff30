import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from '../../../src/cache/index.js';

/** The data source of `Notes`, shared by all its instances. */
export const table = { text: 'old', writes: 0 };

@Injectable()
export class Notes {
  readonly #table = table;

  @Cacheable({ cache: 'notes', key: () => 'note' })
  read(): Promise<string> {
    return Promise.resolve(this.#table.text);
  }

  @CacheEvict({ cache: 'notes', key: () => 'note' })
  write(text: string): Promise<void> {
    this.#table.text = text;
    this.#table.writes += 1;
    return Promise.resolve();
  }

  @CachePut({ cache: 'notes', key: () => 'note' })
  put(text: string): Promise<string> {
    this.#table.text = text;
    return Promise.resolve(text);
  }
}

export type Write = (text: string) => Promise<unknown>;

/** Reads before and after a change through a method referenced before the start; returns the second value. */
export async function readAfter(write: Write, notes: Pick<Notes, 'read'>): Promise<string> {
  expect(await notes.read()).toBe('old');
  await write('new');
  return notes.read();
}
