import { Inject, Injectable, Module } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ConfigModule } from '../src/config/index.js';
import { DatabaseModule, DomainEvents, OnDomainEvent } from '../src/database/index.js';
import { testEnv, testingModule } from './support/boot.js';
import { provideDatabase, type ProvidedDatabase } from './support/services.js';

type Host = TransactionHost<TransactionalAdapterTypeOrm>;

class NoteAdded {
  constructor(readonly text: string) {}
}

@Injectable()
class Notes {
  constructor(
    @Inject(TransactionHost) private readonly txHost: Host,
    private readonly events: DomainEvents,
  ) {}

  @Transactional()
  async add(text: string): Promise<void> {
    await this.insert(text);
    await this.events.publish(new NoteAdded(text));
  }

  async addWithoutTransaction(text: string): Promise<void> {
    await this.events.publish(new NoteAdded(text));
  }

  async insert(text: string): Promise<void> {
    await this.txHost.tx.query('INSERT INTO note (text) VALUES ($1)', [text]);
  }

  async findTexts(): Promise<string[]> {
    const rows = await this.txHost.tx.query<{ text: string }[]>('SELECT text FROM note ORDER BY text');
    return rows.map(({ text }) => text);
  }
}

@Injectable()
class FirstListener {
  constructor(private readonly notes: Notes) {}

  @OnDomainEvent(NoteAdded)
  async copy({ text }: NoteAdded): Promise<void> {
    await this.notes.insert(`${text}, copied`);
  }

  @OnDomainEvent(NoteAdded)
  reject({ text }: NoteAdded): Promise<void> {
    return text === 'rejected' ? Promise.reject(new Error('a handler failed')) : Promise.resolve();
  }
}

@Injectable()
class SecondListener {
  readonly texts: string[] = [];

  @OnDomainEvent(NoteAdded)
  record({ text }: NoteAdded): Promise<void> {
    this.texts.push(text);
    return Promise.resolve();
  }
}

@Module({ imports: [ConfigModule, DatabaseModule], providers: [Notes, FirstListener, SecondListener] })
class NotesModule {}

describe('DomainEvents.publish', () => {
  let database: ProvidedDatabase;
  let module: TestingModule;
  let notes: Notes;

  beforeAll(async () => {
    database = await provideDatabase();
    module = await testingModule({ imports: [NotesModule] }, testEnv({ databaseUrl: database.url })).compile();
    await module.init();
    notes = module.get(Notes);
    await module.get<Host>(TransactionHost).tx.query('CREATE TABLE note (text text)');
  });
  afterAll(async () => {
    await module.close();
    await database.drop();
  });
  beforeEach(async () => {
    module.get(SecondListener).texts.length = 0;
    await module.get<Host>(TransactionHost).tx.query('TRUNCATE note');
  });

  it('commits the writes of handlers with the change', async () => {
    await notes.add('first');
    expect(await notes.findTexts()).toEqual(['first', 'first, copied']);
    expect(module.get(SecondListener).texts).toEqual(['first']);
  });

  it('rolls back the change and the writes of other handlers when a handler fails', async () => {
    await expect(notes.add('rejected')).rejects.toThrow('a handler failed');
    expect(await notes.findTexts()).toEqual([]);
  });

  it('runs no further handler after one that failed', async () => {
    await expect(notes.add('rejected')).rejects.toThrow('a handler failed');
    expect(module.get(SecondListener).texts).toEqual([]);
  });

  it('rejects an event outside a transaction', async () => {
    await expect(notes.addWithoutTransaction('lost')).rejects.toThrow('NoteAdded needs the transaction of its change');
    expect(module.get(SecondListener).texts).toEqual([]);
  });
});
