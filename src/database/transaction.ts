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

/** The TypeORM adapter of nestjs-cls, with callbacks after commit. */
export class CommitAwareTypeOrmAdapter extends TransactionalAdapterTypeOrm {
  override optionsFactory = (dataSource: DataSource): AdapterOptions => {
    const dataSourceToken: unknown = this.connectionToken;
    const plain = new TransactionalAdapterTypeOrm({ dataSourceToken }).optionsFactory(dataSource);
    return {
      ...plain,
      wrapWithTransaction: async (options, fn, setClient) => {
        const scope: Scope = { callbacks: [] };
        const result: unknown = await plain.wrapWithTransaction(options, () => scopes.run(scope, fn), setClient);
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

