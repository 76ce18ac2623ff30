import { AsyncLocalStorage } from 'node:async_hooks';
import { CacheOperationError } from '../cache.errors.js';
import type { Eviction, PutTicket } from '../storage/cache-storage.js';
import type { Change } from './cache-changes.js';
import type { MethodCall } from './method-call.js';
import type { Operation } from './operation.js';
import { plan, unlessResultIsNeeded, type Plan } from './plan.js';

interface PutPlan extends Plan {
  readonly key: string | undefined;
  readonly tickets: readonly (PutTicket | undefined)[];
}

interface EvictPlan extends Plan {
  readonly eviction: Eviction | undefined;
}

/** What one call of a method changes in the caches, as far as its arguments tell. */
export class PlannedChanges {
  /** A load for everybody knows nothing of its caller, but the conditions and keys of this call may. */
  private readonly asCaller = AsyncLocalStorage.snapshot();

  private constructor(
    private readonly call: MethodCall,
    private readonly evicts: readonly EvictPlan[],
    private readonly puts: readonly PutPlan[],
  ) {}

  /** Takes the tickets of the puts, so it is to be called before the method runs. */
  static async of(call: MethodCall, evicts: readonly Operation[], puts: readonly Operation[]): Promise<PlannedChanges> {
    const evictPlans = evicts.flatMap((operation) => planEvict(operation, call));
    const putPlans = puts.flatMap((operation) => plan(operation, call)).map((each) => planPut(each, call));
    return new PlannedChanges(call, evictPlans, await Promise.all(putPlans));
  }

  get hasPuts(): boolean {
    return this.puts.length > 0;
  }

  /**
   * What is evicted before the method runs.
   * @throws CacheOperationError when it needs the result
   */
  early(): Change[] {
    const early = this.evicts.filter(({ operation }) => operation.isEarly);
    return early.flatMap(({ operation, caches, applies, eviction }) => {
      if (applies !== undefined && eviction !== undefined) return caches.map(({ region }) => ({ region, eviction }));
      throw new CacheOperationError(operation.label, 'it evicts before the method runs and cannot use the result');
    });
  }

  /** What is put once the method has run. */
  replacements(): Change[] {
    return this.asCaller(() => this.puts.flatMap((each) => putsOf(each, this.call)));
  }

  /** What is evicted once the method has run. */
  evictions(): Change[] {
    const late = this.evicts.filter(({ operation }) => !operation.isEarly);
    // Whoever read since the early evict may have kept what the method has changed after it.
    return [...this.asCaller(() => late.flatMap((each) => evictsOf(each, this.call))), ...this.early()];
  }
}

function planEvict(operation: Operation, call: MethodCall): EvictPlan[] {
  return plan(operation, call).map((each) => ({
    ...each,
    eviction: unlessResultIsNeeded(() => operation.evictionFor(call, each.caches)),
  }));
}

async function planPut(each: Plan, call: MethodCall): Promise<PutPlan> {
  const key = unlessResultIsNeeded(() => each.operation.keyFor(call, each.caches));
  const tags = each.operation.tagsFor(call, each.caches);
  return { ...each, key, tickets: await Promise.all(each.caches.map(({ region }) => region.beginPut(key, tags))) };
}

function putsOf({ operation, caches, applies, key, tickets }: PutPlan, call: MethodCall): Change[] {
  if (!(applies ?? operation.conditionHolds(call, caches))) return [];
  if (operation.isVetoed(call, caches, call.result)) return [];
  const address = key ?? operation.keyFor(call, caches);
  const tags = operation.tagsFor(call, caches) ?? [];
  return caches.map((cache, index) => ({
    region: cache.region,
    eviction: { key: address },
    put: {
      key: address,
      ticket: tickets[index],
      entry: cache.region.codec.entryOf(call.result, operation.answerOf),
      life: operation.lifeIn(cache, tags),
    },
  }));
}

function evictsOf({ operation, caches, applies, eviction }: EvictPlan, call: MethodCall): Change[] {
  if (!(applies ?? operation.conditionHolds(call, caches))) return [];
  const what = eviction ?? operation.evictionFor(call, caches);
  return caches.map(({ region }) => ({ region, eviction: what }));
}
