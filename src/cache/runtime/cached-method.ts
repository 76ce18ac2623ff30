import { PreparedResponse } from '../../common/index.js';
import { inTransaction } from '../../database/index.js';
import { CacheOperationError } from '../cache.errors.js';
import type { CacheChanges } from './cache-changes.js';
import { recordCacheStatus } from './call-scope.js';
import type { LoadRequest, Target, TimeLimits } from './load-request.js';
import { loadResponse, loadThrough } from './load-through.js';
import { MethodCall } from './method-call.js';
import type { Operation } from './operation.js';
import { applicable, tryBeforeResult, type Plan } from './plan.js';
import { PlannedChanges } from './planned-changes.js';

type Proceed = () => Promise<unknown>;

/** Applies the cache operations of a decorated method to its calls. */
export class CachedMethod {
  private readonly cacheables: readonly Operation[];
  private readonly puts: readonly Operation[];
  private readonly evictions: readonly Operation[];

  constructor(
    readonly name: string,
    operations: readonly Operation[],
    private readonly changes: CacheChanges,
  ) {
    this.cacheables = operations.filter(({ kind }) => kind === 'cacheable');
    this.puts = operations.filter(({ kind }) => kind === 'put');
    this.evictions = operations.filter(({ kind }) => kind === 'evict');
  }

  /** @param proceed runs the original method */
  invoke(target: object, args: readonly unknown[], proceed: Proceed): Promise<unknown> {
    const call = new MethodCall(target, this.name, args);
    return this.puts.length + this.evictions.length > 0 ? this.change(call, proceed) : this.read(call, false, proceed);
  }

  /**
   * The HTTP response: the cached one on a hit, otherwise one built from the method's result.
   * @throws CacheOperationError (as a rejection) when the method has no `response` option
   */
  respond(target: object, args: readonly unknown[], proceed: Proceed): Promise<PreparedResponse> {
    try {
      const make = this.cacheables[0]?.toResponse;
      if (make === undefined) throw new CacheOperationError(this.name, 'it has no response option');
      const answerOf = (value: unknown) => PreparedResponse.of(make(value));
      const request = this.requestOf(new MethodCall(target, this.name, args), false, proceed);
      const [wanted] = request?.targets ?? [];
      if (request === undefined || wanted === undefined) return bypass(proceed).then(answerOf);
      return loadResponse(request, wanted, answerOf);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Runs the method in a transaction that the method's own transaction joins, so that the outbox rows are committed
   * with the change. Conditions and keys that need the result are evaluated before that commit; if they fail, the
   * commit fails.
   */
  private async change(call: MethodCall, proceed: Proceed): Promise<unknown> {
    const planned = await PlannedChanges.of(call, this.evictions, this.puts);
    const ran = { here: false };
    const proceedAndChange = () =>
      this.changes.transaction(async () => {
        const result = await proceed();
        call.settle(result);
        await this.schedule(planned);
        ran.here = true;
        return result;
      });
    await this.changes.applyNow(planned.evictionsBefore());
    try {
      const result = await this.read(call, planned.hasPuts, proceedAndChange);
      if (!ran.here) {
        // The value came from the cache or from another caller's load.
        call.settle(result);
        await this.schedule(planned);
      }
      return result;
    } catch (error) {
      await this.changes.schedule(planned.evictionsBefore());
      throw error;
    }
  }

  private async schedule(planned: PlannedChanges): Promise<void> {
    try {
      await this.changes.schedule(planned.puts());
    } finally {
      await this.changes.schedule(planned.evictionsAfter());
    }
  }

  private read(call: MethodCall, always: boolean, proceed: Proceed): Promise<unknown> {
    if (this.cacheables.length === 0) return proceed();
    try {
      const request = this.requestOf(call, always, proceed);
      return request === undefined ? bypass(proceed) : loadThrough(request);
    } catch (error) {
      return rejected(error);
    }
  }

  /** Builds the load request; undefined when the call bypasses the cache. */
  private requestOf(call: MethodCall, always: boolean, proceed: Proceed): LoadRequest | undefined {
    // A transaction sees changes that are invisible to others and may yet be rolled back.
    if (inTransaction()) return undefined;
    const plans = this.cacheables.flatMap((operation) => applicable(operation, call));
    if (plans.length === 0) return undefined;
    return {
      targets: plans.flatMap((each) => targetsOf(each, call)),
      load: proceed,
      forceLoad: always,
      verifiable: true,
      // A caller that gets a cached value must not trigger a background run of a method that puts or evicts.
      onlyIfAbsent: this.puts.length > 0 || this.evictions.length > 0,
      detached: !always && plans.every(({ operation }) => operation.scope === 'public'),
      limits: limitsOf(plans),
      remoteWaitMs: plans.some(({ operation }) => operation.isSync) ? Infinity : undefined,
    };
  }
}

function bypass(proceed: Proceed): Promise<unknown> {
  recordCacheStatus('BYPASS');
  return proceed();
}

// A hit takes one promise less than with `async` functions throughout.
function rejected(error: unknown): Promise<never> {
  return Promise.resolve().then(() => {
    throw error;
  });
}

/** The strictest limits of the operations. */
function limitsOf(plans: readonly Plan[]): TimeLimits {
  const [only, ...others] = plans;
  if (only !== undefined && others.length === 0) return only.operation.limits;
  const least = (limit: keyof TimeLimits) => {
    const known = plans.flatMap(({ operation }) => operation.limits[limit] ?? []);
    return known.length === 0 ? undefined : Math.min(...known);
  };
  return { softMs: least('softMs'), hardMs: least('hardMs') };
}

function targetsOf({ operation, caches, applies }: Plan, call: MethodCall): Target[] {
  const key = tryBeforeResult(() => operation.keyFor(call, caches));
  if (applies === undefined || key === undefined) {
    throw new CacheOperationError(operation.label, 'its key or condition uses the result, which is not available yet');
  }
  const tags = operation.tagsFor(call, caches);
  const tagsOf = (result: unknown) => operation.tagsFor(call.withResult(result), caches) ?? [];
  return caches.map((cache) => ({
    region: cache.region,
    key,
    tags,
    tagsOf,
    toResponse: operation.toResponse,
    expirationFor: (result) => {
      const settled = call.withResult(result);
      if (operation.isVetoed(settled, caches, result)) return undefined;
      return operation.expirationIn(cache, tags ?? tagsOf(result));
    },
  }));
}
