import { JsonAnswer } from '../../common/index.js';
import { inTransaction } from '../../database/index.js';
import { CacheOperationError } from '../cache.errors.js';
import type { CacheChanges } from './cache-changes.js';
import { recordOutcome } from './call-scope.js';
import type { LoadRequest, Target, TimeLimits } from './load-request.js';
import { loadAnswer, loadThrough } from './load-through.js';
import { MethodCall } from './method-call.js';
import type { Operation } from './operation.js';
import { plan, unlessResultIsNeeded, type Plan } from './plan.js';
import { PlannedChanges } from './planned-changes.js';

type Proceed = () => Promise<unknown>;

/** What happens when a decorated method is called. */
export class CachedMethod {
  private readonly cacheables: readonly Operation[];
  private readonly puts: readonly Operation[];
  private readonly evicts: readonly Operation[];

  constructor(
    readonly name: string,
    operations: readonly Operation[],
    private readonly changes: CacheChanges,
  ) {
    this.cacheables = operations.filter(({ kind }) => kind === 'cacheable');
    this.puts = operations.filter(({ kind }) => kind === 'put');
    this.evicts = operations.filter(({ kind }) => kind === 'evict');
  }

  /** @param proceed runs the method itself */
  invoke(target: object, args: readonly unknown[], proceed: Proceed): Promise<unknown> {
    const call = new MethodCall(target, this.name, args);
    return this.puts.length + this.evicts.length > 0 ? this.change(call, proceed) : this.read(call, false, proceed);
  }

  /** What an HTTP client is answered, if it has an answer: as it is kept, or made of what the method gives. */
  answer(target: object, args: readonly unknown[], proceed: Proceed): Promise<JsonAnswer> {
    try {
      const make = this.cacheables[0]?.answerOf;
      if (make === undefined) throw new CacheOperationError(this.name, 'it has no answer');
      const answerOf = (value: unknown) => JsonAnswer.of(make(value));
      const request = this.requestOf(new MethodCall(target, this.name, args), false, proceed);
      const [wanted] = request?.targets ?? [];
      if (request === undefined || wanted === undefined) return leaveAside(proceed).then(answerOf);
      return loadAnswer(request, wanted, answerOf);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * The method runs in a transaction, which its own joins, so that what the outbox has to know is committed with the
   * change. Conditions and keys that need the result are asked for before that commit: when they fail, it fails.
   */
  private async change(call: MethodCall, proceed: Proceed): Promise<unknown> {
    const planned = await PlannedChanges.of(call, this.evicts, this.puts);
    const ran = { here: false };
    const proceedAndChange = () =>
      this.changes.transaction(async () => {
        const result = await proceed();
        call.settle(result);
        await this.make(planned);
        ran.here = true;
        return result;
      });
    await this.changes.makeNow(planned.early());
    try {
      const result = await this.read(call, planned.hasPuts, proceedAndChange);
      if (!ran.here) {
        // Answered from the cache or by the load of another caller.
        call.settle(result);
        await this.make(planned);
      }
      return result;
    } catch (error) {
      await this.changes.make(planned.early());
      throw error;
    }
  }

  private async make(planned: PlannedChanges): Promise<void> {
    try {
      await this.changes.make(planned.replacements());
    } finally {
      await this.changes.make(planned.evictions());
    }
  }

  private read(call: MethodCall, always: boolean, proceed: Proceed): Promise<unknown> {
    if (this.cacheables.length === 0) return proceed();
    try {
      const request = this.requestOf(call, always, proceed);
      return request === undefined ? leaveAside(proceed) : loadThrough(request);
    } catch (error) {
      return rejected(error);
    }
  }

  /** What is wanted of the cache; undefined when it is left aside. */
  private requestOf(call: MethodCall, always: boolean, proceed: Proceed): LoadRequest | undefined {
    // Inside a transaction the method sees changes that nobody else may see, and that may yet be rolled back.
    if (inTransaction()) return undefined;
    const plans = this.cacheables.flatMap((operation) => plan(operation, call));
    if (plans.length === 0) return undefined;
    return {
      targets: plans.flatMap((each) => targetsOf(each, call)),
      load: proceed,
      always,
      checked: true,
      // Who is answered with a present value must not have the method change anything behind their back.
      keepsPresent: this.puts.length > 0 || this.evicts.length > 0,
      detached: !always && plans.every(({ operation }) => operation.scope === 'public'),
      limits: limitsOf(plans),
      waitMs: plans.some(({ operation }) => operation.isSync) ? Infinity : undefined,
    };
  }
}

function leaveAside(proceed: Proceed): Promise<unknown> {
  recordOutcome('BYPASS');
  return proceed();
}

// A hit costs one promise less than if the whole way to it were async.
function rejected(error: unknown): Promise<never> {
  return Promise.resolve().then(() => {
    throw error;
  });
}

/** The strictest of the operations. */
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
  const key = unlessResultIsNeeded(() => operation.keyFor(call, caches));
  if (applies === undefined || key === undefined) {
    throw new CacheOperationError(operation.label, 'its key or condition uses the result, which is not there yet');
  }
  const tags = operation.tagsFor(call, caches);
  const tagsOf = (result: unknown) => operation.tagsFor(call.settledWith(result), caches) ?? [];
  return caches.map((cache) => ({
    region: cache.region,
    key,
    tags,
    tagsOf,
    answerOf: operation.answerOf,
    lifeOf: (result) => {
      const settled = call.settledWith(result);
      if (operation.isVetoed(settled, caches, result)) return undefined;
      return operation.lifeIn(cache, tags ?? tagsOf(result));
    },
  }));
}
