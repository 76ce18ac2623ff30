import { AsyncLocalStorage } from 'node:async_hooks';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import type { DataSource } from 'typeorm';

type Callback = () => Promise<void> | void;

/** One transaction or savepoint: what is to run once the outermost commit has happened. */
interface Scope {
  readonly callbacks: Callback[];
}

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

type AdapterOptions = ReturnType<TransactionalAdapterTypeOrm['optionsFactory']>;

/** Deadlock and serialization failure: PostgreSQL has undone the transaction so that others could go on. */
const SACRIFICED = new Set<unknown>(['40P01', '40001']);
const MAX_ATTEMPTS = 4;

/** Runs a transaction that PostgreSQL sacrificed to another again, from its beginning: nothing of it has happened. */
async function untilItStands<T>(transaction: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
    if (attempt === MAX_ATTEMPTS || !SACRIFICED.has((error as { code?: unknown } | undefined)?.code)) throw error;
    return untilItStands(transaction, attempt + 1);
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
        const { scope, result } = await untilItStands(async () => {
          const scope: Scope = { callbacks: [] };
          const result: unknown = await plain.wrapWithTransaction(options, () => scopes.run(scope, fn), setClient);
          return { scope, result };
        });
        // The transaction's connection has been given back: what runs from here on must not find it.
        setClient(undefined);
        for (const callback of scope.callbacks) await callback();
        return result;
      },
      wrapWithNestedTransaction: async (options, fn, setClient, client) => {
        const scope: Scope = { callbacks: [] };
        const inScope = () => scopes.run(scope, fn);
        const result: unknown = await plain.wrapWithNestedTransaction(options, inScope, setClient, client);
        scopes.getStore()?.callbacks.push(...scope.callbacks);
        return result;
      },
    };
  };
}

