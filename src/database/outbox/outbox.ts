import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Propagation, TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { DataSource } from 'typeorm';
import type { JsonFields } from '../../common/index.js';
import { afterCommit, inTransaction, joinTransaction, type TransactionSynchronization } from '../transaction.js';
import { Confirmations } from './confirmations.js';
import { OutboxEntry } from './outbox-entry.js';
import { OutboxHandlers, type OutboxHandler } from './outbox-handlers.js';
import { OutboxRelay } from './outbox-relay.js';
import { OutboxRepository, type OutboxDepth } from './outbox.repository.js';
import { ImmediateDispatcher } from './immediate-dispatcher.js';

/**
 * Transactional outbox: messages about effects outside the database, so that neither the change nor its effects exist
 * without the other. Rows are written with the change and rolled back with it. A relay in every process processes the
 * remaining rows, at most a second after the commit while their handler succeeds. Handlers must tolerate being called
 * twice for one row, by two processes at the same time, and in any order.
 *
 * @example at start: `outbox.handle('mails', (rows) => this.send(rows))`
 * @example in a transaction: `await outbox.post('mails', [{ to, subject }])`
 * @example to apply the effect after the commit and before the response, with the relay only as a fallback:
 * `const entries = await outbox.add('mails', [mail]); await afterCommit(async () => { await this.send(mail);
 * outbox.confirm(entries); });`
 */
@Injectable()
export class Outbox implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly handlers = new OutboxHandlers();
  private readonly rows: OutboxRepository;
  private readonly relay: OutboxRelay;
  private readonly dispatcher = new ImmediateDispatcher(this.handlers, (entries) => this.confirm(entries));
  private readonly confirmations: Confirmations;
  /** Inserts the rows of a transaction with one INSERT before its commit, and one more for rows added meanwhile. */
  private readonly writer: TransactionSynchronization<OutboxEntry> = {
    beforeCommit: (entries) => this.write(entries),
    afterCommit: () => Promise.resolve(),
  };

  constructor(
    dataSource: DataSource,
    private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>,
  ) {
    this.rows = new OutboxRepository(dataSource);
    this.relay = new OutboxRelay(this.rows, this.handlers);
    this.confirmations = new Confirmations((ids) => this.rows.delete(ids));
  }

  /** Runs `work` in the transaction of the caller, or in a new one. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.txHost.withTransaction(Propagation.Required, work);
  }

  /**
   * Adds rows to the current transaction; without one they are committed at once. The relay processes them.
   * @param payloads restricted to types that JSON preserves, since handlers receive them as parsed JSON
   */
  async add<P extends JsonFields<P>>(topic: string, payloads: readonly P[]): Promise<readonly OutboxEntry[]> {
    const entries = payloads.map((payload) => new OutboxEntry(topic, payload));
    if (inTransaction()) joinTransaction(this.writer, ...entries);
    else await this.write(entries);
    return entries;
  }

  /**
   * Adds rows to the current transaction, and processes them in this process right after the commit, without making the
   * caller wait. Without a transaction they are committed at once.
   * @param payloads as for `add`
   */
  async post<P extends JsonFields<P>>(topic: string, payloads: readonly P[]): Promise<void> {
    const entries = await this.add(topic, payloads);
    await afterCommit(() => this.dispatcher.push(topic, entries));
  }

  /** Adds rows that are committed at once, whatever the outcome of the caller's transaction. */
  async addNow<P extends JsonFields<P>>(topic: string, payloads: readonly P[]): Promise<void> {
    await this.rows.insert(payloads.map((payload) => ({ topic, payload })));
  }

  /** Registers the handler of a topic; to be called while the application starts. */
  handle(topic: string, handler: OutboxHandler): void {
    this.handlers.set(topic, handler);
  }

  /** Topics that have a handler in this process. */
  get topics(): readonly string[] {
    return this.handlers.topics;
  }

  /** Deletes processed rows: soon, many at a time, and without making the caller wait. */
  confirm(entries: readonly OutboxEntry[]): void {
    this.confirmations.add(entries.flatMap(({ id }) => id ?? []));
  }

  /**
   * Returns a function that checks whether all rows that were pending in a topic at this checkpoint have been
   * processed, by any process.
   * @example `const settled = await outbox.checkpoint('cache'); if (await settled()) …`
   */
  async checkpoint(topic: string): Promise<() => Promise<boolean>> {
    const newest = await this.rows.findNewestId(topic);
    return async () => newest === '0' || !(await this.rows.hasAnyUpTo(topic, newest));
  }

  /** Number of pending rows of a topic (at most 10,000 are counted), and age of the oldest. */
  depth(topic: string): Promise<OutboxDepth> {
    return this.rows.measure(topic);
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.dispatcher.close();
    await this.relay.close();
  }

  /** Deletes rows that were confirmed by requests which ended during the shutdown. */
  async onApplicationShutdown(): Promise<void> {
    await this.confirmations.flush();
  }

  private async write(entries: readonly OutboxEntry[]): Promise<void> {
    const ids = entries.length === 0 ? [] : await this.rows.insert(entries, this.txHost.tx);
    for (const [index, entry] of entries.entries()) entry.id = ids[index];
  }
}
