import { AsyncLocalStorage } from 'node:async_hooks';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import type { DataSource } from 'typeorm';

type Callback = () => Promise<void> | void;

/**
 * Takes part in transactions with what it is given in each of them: that of a savepoint which rolls back is left out,
 * and when the transaction rolls back it is not called.
 */
export interface TransactionSynchronization<T> {
  /**
   * Still inside the transaction, after all work; once more with what others add while they prepare. When it rejects,
   * the transaction rolls back.
   */
  beforeCommit(items: readonly T[]): Promise<void>;
  /** Outside of the transaction, before what was given to `afterCommit`; handles its own errors. */
  afterCommit(items: readonly T[]): Promise<void>;
}

/** One transaction or savepoint: what takes part in it, and what is to run once the outermost commit has happened. */
interface Scope {
  readonly callbacks: Callback[];
  readonly parts: Map<TransactionSynchronization<unknown>, unknown[]>;
}

const newScope = (): Scope => ({ callbacks: [], parts: new Map() });

const scopes = new AsyncLocalStorage<Scope>();

/** Whether the caller stands inside an open transaction. */
export function inTransaction(): boolean {
  return scopes.getStore() !== undefined;
}

/**
 * Runs `callback` after the outermost transaction has committed, before the transactional method returns to its caller;
 * at once when there is no transaction. A rollback drops it, and so does the rollback of its savepoint.
 * A callback that fails makes the method reject although the change is committed: callbacks handle their own errors.
 */
export async function afterCommit(callback: Callback): Promise<void> {
  const scope = scopes.getStore();
  if (scope === undefined) await callback();
  else scope.callbacks.push(callback);
}

/** Adds an item to what a participant has in this transaction or savepoint. */
export function joinTransaction<T>(participant: TransactionSynchronization<T>, ...items: readonly T[]): void {
  const scope = scopes.getStore();
  if (scope === undefined) throw new Error('there is no transaction to take part in; open one first');
  add(scope, participant, items);
}

function add(scope: Scope, participant: TransactionSynchronization<unknown>, items: readonly unknown[]): void {
  const known = scope.parts.get(participant);
  if (known === undefined) scope.parts.set(participant, [...items]);
  else known.push(...items);
}

/** What beforeCommit adds counts as well, whoever it is for: goes round until nobody has anything new. */
async function prepareCommit(scope: Scope): Promise<void> {
  const prepared = new Map<TransactionSynchronization<unknown>, number>();
  const findNext = () => [...scope.parts].find(([each, items]) => items.length > (prepared.get(each) ?? 0));
  for (let next = findNext(); next !== undefined; next = findNext()) {
    const [participant, items] = next;
    const fresh = items.slice(prepared.get(participant));
    prepared.set(participant, items.length);
    await participant.beforeCommit(fresh);
  }
}

/** All of it happens, the change is committed: the first error is told at the end. */
async function settle(scope: Scope): Promise<void> {
  const errors: unknown[] = [];
  const attempt = async (step: Callback) => {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  };
  for (const [participant, items] of scope.parts) await attempt(() => participant.afterCommit(items));
  for (const callback of scope.callbacks) await attempt(callback);
  if (errors.length > 0) throw errors[0];
}

type AdapterOptions = ReturnType<TransactionalAdapterTypeOrm['optionsFactory']>;

/** Deadlock and serialization failure: PostgreSQL has undone the transaction so that others could go on. */
const RETRYABLE_SQLSTATES = new Set<unknown>(['40P01', '40001']);
const MAX_ATTEMPTS = 4;

/** Runs a transaction that PostgreSQL sacrificed to another again, from its beginning: nothing of it has happened. */
async function retryOnSerializationFailure<T>(transaction: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    if (attempt === MAX_ATTEMPTS || !RETRYABLE_SQLSTATES.has(code)) throw error;
    return retryOnSerializationFailure(transaction, attempt + 1);
  }
}

/**
 * The TypeORM adapter of nestjs-cls, with callbacks after commit. A transactional method runs again when it was the
 * victim of a deadlock, so what it does outside the database must bear to be done twice or be left to `afterCommit`.
 */
export class CommitAwareTypeOrmAdapter extends TransactionalAdapterTypeOrm {
  override optionsFactory = (dataSource: DataSource): AdapterOptions => {
    const dataSourceToken: unknown = this.connectionToken;
    const plain = new TransactionalAdapterTypeOrm({ dataSourceToken }).optionsFactory(dataSource);
    return {
      ...plain,
      wrapWithTransaction: async (options, fn, setClient) => {
        const { scope, result } = await retryOnSerializationFailure(async () => {
          const scope = newScope();
          const work = () =>
            scopes.run(scope, async () => {
              const result: unknown = await fn();
              await prepareCommit(scope);
              return result;
            });
          return { scope, result: (await plain.wrapWithTransaction(options, work, setClient)) as unknown };
        });
        // The transaction's connection has been given back: what runs from here on must not find it.
        setClient(undefined);
        await settle(scope);
        return result;
      },
      wrapWithNestedTransaction: async (options, fn, setClient, client) => {
        const scope = newScope();
        const inScope = () => scopes.run(scope, fn);
        const result: unknown = await plain.wrapWithNestedTransaction(options, inScope, setClient, client);
        const outer = scopes.getStore();
        outer?.callbacks.push(...scope.callbacks);
        if (outer !== undefined) for (const [participant, items] of scope.parts) add(outer, participant, items);
        return result;
      },
    };
  };
}
