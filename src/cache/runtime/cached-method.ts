import { afterCommit, inTransaction } from '../../database/index.js';
import { CacheOperationError, ResultUnavailableError } from '../cache.errors.js';
import type { Cache } from '../manager/cache.js';
import type { Eviction, PutTicket } from '../storage/cache-storage.js';
import { currentUserId, recordOutcome } from './call-scope.js';
import type { Target, TimeLimits } from './load-request.js';
import { loadThrough } from './load-through.js';
import { MethodCall } from './method-call.js';
import type { Operation } from './operation.js';

/** An operation and what it says about a call; undefined where only the result tells. */
interface Plan {
  readonly operation: Operation;
  readonly caches: readonly Cache[];
  readonly applies: true | undefined;
}

interface PutPlan extends Plan {
  readonly key: string | undefined;
  readonly tickets: readonly (PutTicket | undefined)[];
}

interface EvictPlan extends Plan {
  readonly eviction: Eviction | undefined;
}

type Proceed = () => Promise<unknown>;

/** What happens when a decorated method is called. */
export class CachedMethod {
  private readonly cacheables: readonly Operation[];
  private readonly puts: readonly Operation[];
  private readonly evicts: readonly Operation[];

  constructor(
    readonly name: string,
    operations: readonly Operation[],
  ) {
    this.cacheables = operations.filter(({ kind }) => kind === 'cacheable');
    this.puts = operations.filter(({ kind }) => kind === 'put');
    this.evicts = operations.filter(({ kind }) => kind === 'evict');
  }

  /**
   * Everything that the arguments alone decide is decided before the method runs, so that it can neither move a key by
   * changing an argument nor have its change committed and then fail for want of a key.
   *
   * @param proceed runs the method itself
   */
  async invoke(target: object, args: readonly unknown[], proceed: Proceed): Promise<unknown> {
    const call = new MethodCall(target, this.name, args);
    const [early, late] = this.planEvicts(call);
    const puts = await this.planPuts(call);
    await evictEarly(early);
    try {
      const result = await this.read(call, puts.length > 0, proceed);
      call.settle(result);
      await putAndEvict(puts, late, call);
      return result;
    } finally {
      // Whoever read since the early evict may have kept what the method has changed after it.
      if (early.length > 0) await afterCommit(() => evictEarly(early));
    }
  }

  private async read(call: MethodCall, always: boolean, proceed: Proceed): Promise<unknown> {
    if (this.cacheables.length === 0) return proceed();
    // Inside a transaction the method sees changes that nobody else may see, and that may yet be rolled back.
    const plans = inTransaction() ? [] : this.cacheables.flatMap((operation) => plan(operation, call));
    if (plans.length === 0) {
      recordOutcome('BYPASS');
      return proceed();
    }
    const loaded = await loadThrough({
      targets: plans.flatMap((each) => targetsOf(each, call)),
      load: proceed,
      always,
      detached: !always && plans.every(({ operation }) => operation.scope === 'public'),
      limits: limitsOf(plans),
      waitMs: plans.some(({ operation }) => operation.isSync) ? Infinity : undefined,
    });
    recordOutcome(loaded.outcome);
    return loaded.value;
  }

  private planEvicts(call: MethodCall): [early: EvictPlan[], late: EvictPlan[]] {
    const plans = this.evicts.flatMap((operation) =>
      plan(operation, call).map((each) => ({
        ...each,
        eviction: unlessResultIsNeeded(() => operation.evictionFor(call, each.caches)),
      })),
    );
    return [plans.filter(({ operation }) => operation.isEarly), plans.filter(({ operation }) => !operation.isEarly)];
  }

  private planPuts(call: MethodCall): Promise<PutPlan[]> {
    const plans = this.puts.flatMap((operation) => plan(operation, call));
    return Promise.all(
      plans.map(async (each) => {
        const key = unlessResultIsNeeded(() => each.operation.keyFor(call, each.caches));
        const tags = each.operation.tagsFor(call, each.caches);
        const tickets = await Promise.all(each.caches.map(({ region }) => region.beginPut(key, tags)));
        return { ...each, key, tickets };
      }),
    );
  }
}

/** The operation, unless its condition excludes this call or it needs a user and nobody is signed in. */
function plan(operation: Operation, call: MethodCall): Plan[] {
  const caches = operation.cachesFor(call);
  const applies = unlessResultIsNeeded(() => operation.conditionHolds(call, caches));
  const nobody = operation.scope === 'user' && operation.kind !== 'evict' && currentUserId() === undefined;
  return applies === false || nobody ? [] : [{ operation, caches, applies }];
}

/** The strictest of the operations. */
function limitsOf(plans: readonly Plan[]): TimeLimits {
  const least = (limit: keyof TimeLimits) => {
    const known = plans.flatMap(({ operation }) => operation.limits[limit] ?? []);
    return known.length === 0 ? undefined : Math.min(...known);
  };
  return { softMs: least('softMs'), hardMs: least('hardMs') };
}

function targetsOf({ operation, caches, applies }: Plan, call: MethodCall): Target[] {
  const key = unlessResultIsNeeded(() => operation.keyFor(call, caches));
  if (applies === undefined || key === undefined) {
    throw new CacheOperationError(operation.label, 'its key or condition uses the result, which is not there yet');
  }
  const tags = operation.tagsFor(call, caches);
  return caches.map((cache) => ({
    region: cache.region,
    key,
    tags,
    lifeOf: (result) => {
      const settled = call.settledWith(result);
      if (operation.isVetoed(settled, caches, result)) return undefined;
      return operation.lifeIn(cache, tags ?? operation.tagsFor(settled, caches) ?? []);
    },
  }));
}

async function putAndEvict(puts: readonly PutPlan[], evicts: readonly EvictPlan[], call: MethodCall) {
  try {
    for (const put of puts) await putResult(put, call);
  } finally {
    for (const evict of evicts) await evictLate(evict, call);
  }
}

async function putResult({ operation, caches, applies, key, tickets }: PutPlan, call: MethodCall): Promise<void> {
  if (!(applies ?? operation.conditionHolds(call, caches))) return;
  if (operation.isVetoed(call, caches, call.result)) return;
  const address = key ?? operation.keyFor(call, caches);
  const tags = operation.tagsFor(call, caches) ?? [];
  for (const [index, cache] of caches.entries()) {
    const bytes = cache.region.encode(call.result);
    await afterCommit(() => cache.region.put(tickets[index], address, bytes, operation.lifeIn(cache, tags)));
  }
}

async function evictLate({ operation, caches, applies, eviction }: EvictPlan, call: MethodCall): Promise<void> {
  if (!(applies ?? operation.conditionHolds(call, caches))) return;
  const what = eviction ?? operation.evictionFor(call, caches);
  await afterCommit(() => evictFrom(caches, what));
}

async function evictEarly(plans: readonly EvictPlan[]): Promise<void> {
  for (const { operation, caches, applies, eviction } of plans) {
    if (applies === undefined || eviction === undefined) {
      throw new CacheOperationError(operation.label, 'it evicts before the method runs and cannot use the result');
    }
    await evictFrom(caches, eviction);
  }
}

async function evictFrom(caches: readonly Cache[], eviction: Eviction): Promise<void> {
  await Promise.all(caches.map(({ region }) => region.evict(eviction)));
}

function unlessResultIsNeeded<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ResultUnavailableError) return undefined;
    throw error;
  }
}
