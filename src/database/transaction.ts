import { AsyncLocalStorage } from 'node:async_hooks';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import type { DataSource } from 'typeorm';

type Callback = () => Promise<void> | void;

/**
 * Participant in transactions, called with the items that were added to each of them. Items of a savepoint that rolls
 * back are dropped, and if the transaction rolls back the participant is not called.
 */
export interface TransactionSynchronization<T> {
  /**
   * Runs inside the transaction, after all work, and again with items that other participants add meanwhile. If it
   * rejects, the transaction rolls back.
   */
  beforeCommit(items: readonly T[]): Promise<void>;
  /** Runs outside the transaction, before the callbacks given to `afterCommit`; handles its own errors. */
  afterCommit(items: readonly T[]): Promise<void>;
}

/** One transaction or savepoint: its participants, and the callbacks to run after the outermost commit. */
interface Scope {
  readonly callbacks: Callback[];
  readonly participants: Map<TransactionSynchronization<unknown>, unknown[]>;
}

const newScope = (): Scope => ({ callbacks: [], participants: new Map() });

const scopes = new AsyncLocalStorage<Scope>();

/** Whether the caller runs inside an open transaction. */
export function inTransaction(): boolean {
  return scopes.getStore() !== undefined;
}

/**
 * Runs `callback` after the outermost transaction has committed, before the transactional method returns to its caller;
 * at once if there is no transaction. It is dropped if the transaction or its savepoint rolls back.
 * If a callback fails, the method rejects although the change is committed: callbacks handle their own errors.
 */
export async function afterCommit(callback: Callback): Promise<void> {
  const scope = scopes.getStore();
  if (scope === undefined) await callback();
  else scope.callbacks.push(callback);
}

/** Adds items for a participant in the current transaction or savepoint. */
export function joinTransaction<T>(participant: TransactionSynchronization<T>, ...items: readonly T[]): void {
  const scope = scopes.getStore();
  if (scope === undefined) throw new Error('no active transaction; open one first');
  add(scope, participant, items);
}

function add(scope: Scope, participant: TransactionSynchronization<unknown>, items: readonly unknown[]): void {
  const existing = scope.participants.get(participant);
  if (existing === undefined) scope.participants.set(participant, [...items]);
  else existing.push(...items);
}

/** Calls `beforeCommit` of all participants until none has new items: `beforeCommit` may add items for any of them. */
async function prepareCommit(scope: Scope): Promise<void> {
  const prepared = new Map<TransactionSynchronization<unknown>, number>();
  const findNext = () => [...scope.participants].find(([each, items]) => items.length > (prepared.get(each) ?? 0));
  for (let next = findNext(); next !== undefined; next = findNext()) {
    const [participant, items] = next;
    const added = items.slice(prepared.get(participant));
    prepared.set(participant, items.length);
    await participant.beforeCommit(added);
  }
}

/** Runs everything after the commit, even after an error; throws the first error at the end. */
async function runAfterCommit(scope: Scope): Promise<void> {
  const errors: unknown[] = [];
  const attempt = async (step: Callback) => {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  };
  for (const [participant, items] of scope.participants) await attempt(() => participant.afterCommit(items));
  for (const callback of scope.callbacks) await attempt(callback);
  if (errors.length > 0) throw errors[0];
}

type AdapterOptions = ReturnType<TransactionalAdapterTypeOrm['optionsFactory']>;

/** Deadlock and serialization failure: PostgreSQL has rolled back the transaction so that others could proceed. */
const RETRYABLE_SQLSTATES = new Set<unknown>(['40P01', '40001']);
const MAX_ATTEMPTS = 4;

/**
 * Retries a transaction from its beginning after a deadlock or serialization failure: nothing of it has been applied.
 */
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
 * The TypeORM adapter of nestjs-cls, with callbacks after commit. A transactional method is retried after a deadlock or
 * serialization failure, so its effects outside the database must tolerate repetition or be left to `afterCommit`.
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
        // The connection of the transaction has been released: code that runs from here on must not find it.
        setClient(undefined);
        await runAfterCommit(scope);
        return result;
      },
      wrapWithNestedTransaction: async (options, fn, setClient, client) => {
        const scope = newScope();
        const inScope = () => scopes.run(scope, fn);
        const result: unknown = await plain.wrapWithNestedTransaction(options, inScope, setClient, client);
        const outer = scopes.getStore();
        outer?.callbacks.push(...scope.callbacks);
        if (outer !== undefined) for (const [participant, items] of scope.participants) add(outer, participant, items);
        return result;
      },
    };
  };
}
