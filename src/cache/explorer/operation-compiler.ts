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

/** Two of them one after the other, as for a list and its places, still answer within a second. */
const SOFT_MS = 250;

/** The extension points an operation uses in the end, after its class and the application had their say. */
type Choice = Pick<CacheConfigOptions, 'keyGenerator' | 'cacheManager' | 'cacheResolver'>;

/** Of an operation: the defaults of its class, and whether its method has operations of other kinds. */
interface OperationContext {
  readonly config: CacheConfigOptions;
  readonly hasSideEffects: boolean;
}

/** What operations work with in an application. */
interface Application {
  readonly moduleRef: ModuleRef;
  readonly manager: CacheManager;
  readonly changes: CacheChanges;
  /** For what neither operation nor class says. */
  readonly defaults: Choice;
}

interface Class {
  readonly name: string;
  readonly prototype: object;
}

/** Turns what the decorators say into methods that can be run, and collects everything that is wrong with it. */
export class OperationCompiler {
  /** What is wrong, one sentence each, naming method and cure. */
  readonly problems: string[] = [];

  /** @param inherited what other classes of the application have */
  constructor(
    private readonly application: Application,
    private readonly inherited = new InheritedOperations(),
  ) {}

  /**
   * A method that can be run; one with problems is noted, and gives a method that must not be.
   * @param type the class of the instance, whose bases may hold the decorators
   * @param perRequest whether instances are made anew for each request
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

/** The word nearest to the operation wins; a manager nearer than a resolver cancels it, and the reverse. */
function choose(...levels: readonly Choice[]): Choice {
  const keyGenerator = levels.find((level) => level.keyGenerator !== undefined)?.keyGenerator;
  const nearest = levels.find(({ cacheManager, cacheResolver }) => (cacheManager ?? cacheResolver) !== undefined);
  // Of an application that sets both, the resolver is used.
  if (nearest?.cacheResolver !== undefined) return { keyGenerator, cacheResolver: nearest.cacheResolver };
  return { keyGenerator, cacheManager: nearest?.cacheManager };
}

/** The `@CacheConfig` of a class and its bases, each setting from the nearest that has it. */
function configOf(type: Class): CacheConfigOptions {
  const levels: CacheConfigOptions[] = [];
  for (let each: unknown = type; typeof each === 'function'; each = Object.getPrototypeOf(each)) {
    levels.push(ownConfig(each) ?? {});
  }
  return { ...choose(...levels), cache: levels.find(({ cache }) => cache !== undefined)?.cache };
}
