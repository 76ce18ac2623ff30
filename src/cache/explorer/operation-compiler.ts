import type { InjectionToken } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { durationMs } from '../../config/index.js';
import type { CacheableOptions, CacheConfigOptions } from '../decorators/cache-options.js';
import { ownConfig, type Operation as DecoratedOperation } from '../decorators/operations.js';
import type { Cache } from '../manager/cache.js';
import type { CacheManager } from '../manager/cache-manager.js';
import type { CacheChanges } from '../runtime/cache-changes.js';
import { CachedMethod } from '../runtime/cached-method.js';
import type { CacheResolver, KeyGenerator } from '../runtime/cache-extensions.js';
import { Operation, type Wiring } from '../runtime/operation.js';
import { InheritedOperations } from './inherited-operations.js';
import { hasSideEffects, validateOperation, validateMethod, validateCombination } from './operation-rules.js';
import { takesResponse, takesCaller } from './route-parameters.js';

const DECORATORS = { cacheable: '@Cacheable', put: '@CachePut', evict: '@CacheEvict' } as const;

/** Default soft timeout. Two in sequence, as for a list and its places, still end within a second. */
const SOFT_MS = 250;

/** Extension points of an operation, resolved from the operation, its class and the application. */
type Choice = Pick<CacheConfigOptions, 'keyGenerator' | 'cacheManager' | 'cacheResolver'>;

/** Context of an operation: the defaults of its class, and whether its method also puts or evicts. */
interface OperationContext {
  readonly config: CacheConfigOptions;
  readonly hasSideEffects: boolean;
}

/** Dependencies of the operations of an application. */
interface Application {
  readonly moduleRef: ModuleRef;
  readonly manager: CacheManager;
  readonly changes: CacheChanges;
  /** Defaults for what neither the operation nor its class sets. */
  readonly defaults: Choice;
}

interface Class {
  readonly name: string;
  readonly prototype: object;
}

/** Compiles the options of the decorators to runnable methods, and collects all problems. */
export class OperationCompiler {
  /** One sentence per problem, naming the method and the fix. */
  readonly problems: string[] = [];

  /** @param inherited operations of the other classes of the application */
  constructor(
    private readonly application: Application,
    private readonly inherited = new InheritedOperations(),
  ) {}

  /**
   * Compiles a method. Its problems are recorded; a method with problems must not be run.
   * @param type class of the instance, whose base classes may have the decorators
   * @param perRequest whether instances are created per request
   */
  compile(
    type: Class,
    method: string,
    decorated: readonly DecoratedOperation[],
    perRequest: boolean,
  ): CachedMethod {
    const where = `${type.name}.${method}`;
    const facts = {
      returned: returnTypeOf(type, method),
      perRequest,
      takesCaller: takesCaller(type, method),
      takesResponse: takesResponse(type, method),
    };
    const problems = [...validateCombination(decorated), ...validateMethod(decorated, facts)];
    for (const problem of problems) this.problems.push(`${where} ${problem}`);
    const config = configOf(type);
    const mixed = hasSideEffects(decorated);
    const operations = decorated.flatMap((each) => this.compileOne(each, where, { config, hasSideEffects: mixed }));
    return new CachedMethod(method, operations, this.application.changes);
  }

  private compileOne(decorated: DecoratedOperation, where: string, context: OperationContext): Operation[] {
    const { config, hasSideEffects: mixed } = context;
    const label = `${DECORATORS[decorated.kind]} of ${where}`;
    const problems = validateOperation(decorated);
    for (const problem of problems) this.problems.push(`${label} ${problem}`);
    if (problems.length > 0) return [];
    const options: CacheableOptions = decorated.options;
    const choice = choose(options, config, this.application.defaults);
    const caches = this.cachesOf([options.cache ?? config.cache ?? []].flat(), choice, label);
    const token = options.key === undefined ? choice.keyGenerator : undefined;
    const keyGenerator = token === undefined ? undefined : this.resolve(token, 'key generator', label);
    if (caches === undefined) return [];
    const fixed = 'resolve' in caches || keyGenerator !== undefined ? [] : caches;
    const addresses = fixed.map(({ region }) => region.settings.address);
    const shared = this.inherited.problemOf(decorated, where, addresses);
    if (shared !== undefined) this.problems.push(`${label} ${shared}`);
    const times = timesOf(options, mixed);
    return [new Operation(decorated, { label, caches, keyGenerator: keyGenerator as KeyGenerator, ...times })];
  }

  private cachesOf(names: readonly string[], choice: Choice, label: string): Wiring['caches'] | undefined {
    if (choice.cacheResolver !== undefined) {
      return this.resolve(choice.cacheResolver, 'cache resolver', label) as CacheResolver | undefined;
    }
    if (names.length === 0) {
      this.problems.push(`${label} names no cache; give it or its @CacheConfig a cache or a cacheResolver`);
    }
    const { cacheManager: token } = choice;
    const found = token === undefined ? this.application.manager : this.resolve(token, 'cache manager', label);
    const manager = found as CacheManager | undefined;
    return manager && names.flatMap((name) => this.cacheOf(manager, name, label));
  }

  private cacheOf(manager: CacheManager, name: string, label: string): Cache[] {
    const cache = manager.find(name);
    if (cache !== undefined) return [cache];
    this.problems.push(`${label} names cache ${JSON.stringify(name)}, which ${manager.explainRejection(name)}`);
    return [];
  }

  private resolve(token: InjectionToken, role: string, label: string): unknown {
    try {
      return this.application.moduleRef.get(token as string, { strict: false });
    } catch {
      const name = typeof token === 'function' ? token.name : String(token);
      this.problems.push(`${label} names ${role} ${name}, which no module provides; add it to the providers of one`);
      return undefined;
    }
  }
}

function timesOf(options: CacheableOptions, mixed: boolean): Pick<Wiring, 'ttlMs' | 'staleMs' | 'idleMs' | 'limits'> {
  const ms = (name: 'ttl' | 'idle' | 'staleIfError' | 'softTimeout' | 'hardTimeout') =>
    options[name] === undefined ? undefined : durationMs(name, options[name]);
  const staleMs = ms('staleIfError') ?? 0;
  const softMs = ms('softTimeout') ?? (staleMs > 0 && !mixed ? SOFT_MS : undefined);
  const limits = { softMs, hardMs: ms('hardTimeout') };
  return { ttlMs: ms('ttl'), staleMs, idleMs: ms('idle'), limits };
}

function returnTypeOf(type: Class, method: string): string | undefined {
  const returned = Reflect.getMetadata('design:returntype', type.prototype, method) as Class | undefined;
  return returned?.name;
}

/** The level nearest to the operation wins; a manager nearer than a resolver cancels it, and vice versa. */
function choose(...levels: readonly Choice[]): Choice {
  const keyGenerator = levels.find((level) => level.keyGenerator !== undefined)?.keyGenerator;
  const nearest = levels.find(({ cacheManager, cacheResolver }) => (cacheManager ?? cacheResolver) !== undefined);
  // If the application sets both, the resolver is used.
  if (nearest?.cacheResolver !== undefined) return { keyGenerator, cacheResolver: nearest.cacheResolver };
  return { keyGenerator, cacheManager: nearest?.cacheManager };
}

/** The `@CacheConfig` of a class and its base classes; each setting from the nearest class that has it. */
function configOf(type: Class): CacheConfigOptions {
  const levels: CacheConfigOptions[] = [];
  for (let each: unknown = type; typeof each === 'function'; each = Object.getPrototypeOf(each)) {
    levels.push(ownConfig(each) ?? {});
  }
  return { ...choose(...levels), cache: levels.find(({ cache }) => cache !== undefined)?.cache };
}
