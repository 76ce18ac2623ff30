import { AsyncLocalStorage } from 'node:async_hooks';
import { CacheOperationError } from '../cache.errors.js';
import type { Eviction, PutGuard } from '../storage/cache-storage.js';
import type { Change } from './cache-changes.js';
import type { MethodCall } from './method-call.js';
import type { Operation } from './operation.js';
import { applicable, tryBeforeResult, type Plan } from './plan.js';

interface PutPlan extends Plan {
  readonly key: string | undefined;
  readonly guards: readonly (PutGuard | undefined)[];
}

interface EvictPlan extends Plan {
  readonly eviction: Eviction | undefined;
}

/** Cache changes of one method call, as far as its arguments determine them. */
export class PlannedChanges {
  /** Context of the caller, for conditions and keys: a load shared by all users runs outside of it. */
  private readonly asCaller = AsyncLocalStorage.snapshot();

  private constructor(
    private readonly call: MethodCall,
    private readonly evictPlans: readonly EvictPlan[],
    private readonly putPlans: readonly PutPlan[],
  ) {}

  /** Takes the guards of the puts, so it must be called before the method runs. */
  static async of(
    call: MethodCall,
    evictions: readonly Operation[],
    puts: readonly Operation[],
  ): Promise<PlannedChanges> {
    const evictPlans = evictions.flatMap((operation) => planEvict(operation, call));
    const putPlans = puts.flatMap((operation) => applicable(operation, call)).map((each) => planPut(each, call));
    return new PlannedChanges(call, evictPlans, await Promise.all(putPlans));
  }

  get hasPuts(): boolean {
    return this.putPlans.length > 0;
  }

  /**
   * Evictions before the method runs.
   * @throws CacheOperationError when one of them needs the result
   */
  evictionsBefore(): Change[] {
    const early = this.evictPlans.filter(({ operation }) => operation.isEarly);
    return early.flatMap(({ operation, caches, applies, eviction }) => {
      if (applies !== undefined && eviction !== undefined) return caches.map(({ region }) => ({ region, eviction }));
      throw new CacheOperationError(operation.label, 'it evicts before the method runs and cannot use the result');
    });
  }

  /** Puts after the method has run. */
  puts(): Change[] {
    return this.asCaller(() => this.putPlans.flatMap((each) => putsOf(each, this.call)));
  }

  /** Evictions after the method has run. */
  evictionsAfter(): Change[] {
    const late = this.evictPlans.filter(({ operation }) => !operation.isEarly);
    // Repeats the early evictions: a reader may meanwhile have cached data that the method changed afterwards.
    return [...this.asCaller(() => late.flatMap((each) => evictionsOf(each, this.call))), ...this.evictionsBefore()];
  }
}

function planEvict(operation: Operation, call: MethodCall): EvictPlan[] {
  return applicable(operation, call).map((each) => ({
    ...each,
    eviction: tryBeforeResult(() => operation.evictionFor(call, each.caches)),
  }));
}

async function planPut(each: Plan, call: MethodCall): Promise<PutPlan> {
  const key = tryBeforeResult(() => each.operation.keyFor(call, each.caches));
  const tags = each.operation.tagsFor(call, each.caches);
  return { ...each, key, guards: await Promise.all(each.caches.map(({ region }) => region.beginPut(key, tags))) };
}

function putsOf({ operation, caches, applies, key, guards }: PutPlan, call: MethodCall): Change[] {
  if (!(applies ?? operation.conditionHolds(call, caches))) return [];
  if (operation.isVetoed(call, caches, call.result)) return [];
  const address = key ?? operation.keyFor(call, caches);
  const tags = operation.tagsFor(call, caches) ?? [];
  return caches.map((cache, index) => ({
    region: cache.region,
    eviction: { key: address },
    put: {
      key: address,
      guard: guards[index],
      entry: cache.region.codec.entryOf(call.result, operation.toResponse),
      expiration: operation.expirationIn(cache, tags),
    },
  }));
}

function evictionsOf({ operation, caches, applies, eviction }: EvictPlan, call: MethodCall): Change[] {
  if (!(applies ?? operation.conditionHolds(call, caches))) return [];
  const what = eviction ?? operation.evictionFor(call, caches);
  return caches.map(({ region }) => ({ region, eviction: what }));
}
