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
 * What a transaction wants done outside of the database, so that neither is there without the other: rows are written
 * with the change and rolled back with it, and a relay in every process carries out what is left of them, at most a
 * second after the commit while their handler succeeds. Handlers must bear to be called twice for one row, by two
 * processes at once, and in any order.
 *
 * @example at start: `outbox.handle('mails', (rows) => this.send(rows))`
 * @example in a transaction: `await outbox.post('mails', [{ to, subject }])`
 * @example to do it oneself after the commit, with the answer waiting for it, and have the relay only as a net:
 * `const entries = await outbox.add('mails', [mail]); await afterCommit(async () => { await this.send(mail);
 * outbox.confirm(entries); });`
 */
@Injectable()
export class Outbox implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly handlers = new OutboxHandlers();
  private readonly rows: OutboxRepository;
  private readonly relay: OutboxRelay;
  private readonly promptRelay = new ImmediateDispatcher(this.handlers, (entries) => this.confirm(entries));
  private readonly confirmations: Confirmations;
  /** What is added in one transaction is one INSERT before its commit, and one more for what is added meanwhile. */
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

  /** Runs work in the transaction of the caller, or in one of its own. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.txHost.withTransaction(Propagation.Required, work);
  }

  /**
   * Adds rows to the current transaction; without one they are committed at once. The relay carries them out.
   * @param payloads held to what JSON gives back, as handlers get them
   */
  async add<P extends JsonFields<P>>(topic: string, payloads: readonly P[]): Promise<readonly OutboxEntry[]> {
    const entries = payloads.map((payload) => new OutboxEntry(topic, payload));
    if (inTransaction()) joinTransaction(this.writer, ...entries);
    else await this.write(entries);
    return entries;
  }

  /**
   * Adds rows to the current transaction, and has this process carry them out right after the commit; nobody waits for
   * that. Without a transaction they are committed at once.
   * @param payloads as for `add`
   */
  async post<P extends JsonFields<P>>(topic: string, payloads: readonly P[]): Promise<void> {
    const entries = await this.add(topic, payloads);
    await afterCommit(() => this.promptRelay.push(topic, entries));
  }

  /** Adds rows that are committed at once, whatever becomes of the transaction of the caller. */
  async addNow<P extends JsonFields<P>>(topic: string, payloads: readonly P[]): Promise<void> {
    await this.rows.insert(payloads.map((payload) => ({ topic, payload })));
  }

  /** Says who carries out the rows of a topic; to be called while the application starts. */
  handle(topic: string, handler: OutboxHandler): void {
    this.handlers.set(topic, handler);
  }

  /** Those that somebody in this process carries out. */
  get topics(): readonly string[] {
    return this.handlers.topics;
  }

  /** Deletes rows that have been carried out: soon, many at a time, and without making the caller wait. */
  confirm(entries: readonly OutboxEntry[]): void {
    this.confirmations.add(entries.flatMap(({ id }) => id ?? []));
  }

  /** Makes the relay of this process look now. */
  hurry(): void {
    this.relay.hurry();
  }

  /**
   * Tells, as often as it is asked, whether everything that waited in a topic when `mark` was made has been carried
   * out, by whichever process.
   * @example `const settled = await outbox.mark('cache'); if (await settled()) …`
   */
  async checkpoint(topic: string): Promise<() => Promise<boolean>> {
    const newest = await this.rows.findNewestId(topic);
    return async () => newest === '0' || !(await this.rows.hasAnyUpTo(topic, newest));
  }

  /** How many rows of a topic wait (at most 10,000 are counted), and for how long the oldest has. */
  depth(topic: string): Promise<OutboxDepth> {
    return this.rows.measure(topic);
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.promptRelay.close();
    await this.relay.close();
  }

  /** Requests that ended meanwhile have confirmed what they did. */
  async onApplicationShutdown(): Promise<void> {
    await this.confirmations.flush();
  }

  private async write(entries: readonly OutboxEntry[]): Promise<void> {
    const ids = entries.length === 0 ? [] : await this.rows.insert(entries, this.txHost.tx);
    for (const [index, entry] of entries.entries()) entry.id = ids[index];
  }
}
