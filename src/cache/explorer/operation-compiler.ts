import type { InjectionToken } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { CacheConfigOptions, StoringOptions } from '../decorators/cache-options.js';
import { ownConfig, type Operation as DecoratedOperation } from '../decorators/operations.js';
import type { Cache } from '../manager/cache.js';
import { CacheManager } from '../manager/cache-manager.js';
import { durationMs } from '../manager/duration.js';
import { CachedMethod } from '../runtime/cached-method.js';
import type { CacheResolver, KeyGenerator } from '../runtime/extension-points.js';
import { Operation } from '../runtime/operation.js';
import { problemsOf, problemsTogether } from './operation-rules.js';

const DECORATORS = { cacheable: '@Cacheable', put: '@CachePut', evict: '@CacheEvict' } as const;

/** The extension points an operation uses in the end, after its class and the application had their say. */
type Choice = Pick<CacheConfigOptions, 'keyGenerator' | 'cacheManager' | 'cacheResolver'>;

/** Turns what the decorators say into methods that can be run, and collects everything that is wrong with it. */
export class OperationCompiler {
  readonly problems: string[] = [];

  /** @param defaults of the application, for what neither operation nor class says */
  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly defaults: Choice,
  ) {}

  /** @param type the class of the instance, whose bases may hold the decorators */
  compile(type: { readonly name: string; readonly prototype: object }, method: string, decorated: readonly DecoratedOperation[]): CachedMethod {
    const where = `${type.name}.${method}`;
    for (const problem of problemsTogether(decorated)) this.problems.push(`${where} ${problem}`);
    const returned: unknown = Reflect.getMetadata('design:returntype', type.prototype, method);
    if (returned !== undefined && returned !== Object && returned !== Promise) {
      const name = (returned as { name?: string }).name ?? String(returned);
      this.problems.push(`${where} returns ${name}; only methods that return a Promise can be cached`);
    }
    const config = configOf(type);
    return new CachedMethod(method, decorated.flatMap((each) => this.compileOne(each, `${DECORATORS[each.kind]} of ${where}`, config)));
  }

  private compileOne(decorated: DecoratedOperation, label: string, config: CacheConfigOptions): Operation[] {
    const before = this.problems.length;
    for (const problem of problemsOf(decorated)) this.problems.push(`${label} ${problem}`);
    if (this.problems.length > before) return [];
    const { options } = decorated;
    const choice = choose(options, config, this.defaults);
    const { ttl, staleIfError } = options as StoringOptions;
    const caches = this.cachesOf(options.cache ?? config.cache ?? [], choice, label);
    const keyGenerator =
      choice.keyGenerator && options.key === undefined
        ? this.resolve<KeyGenerator>(choice.keyGenerator, 'key generator', label)
        : undefined;
    if (caches === undefined) return [];
    const ttlMs = ttl === undefined ? undefined : durationMs(ttl);
    return [new Operation(decorated, { label, caches, keyGenerator, ttlMs, staleMs: staleIfError ? durationMs(staleIfError) : 0 })];
  }

  private cachesOf(cache: string | readonly string[], choice: Choice, label: string): readonly Cache[] | CacheResolver | undefined {
    if (choice.cacheResolver !== undefined) return this.resolve<CacheResolver>(choice.cacheResolver, 'cache resolver', label);
    const manager = this.resolve<CacheManager>(choice.cacheManager ?? CacheManager, 'cache manager', label);
    const names = [cache].flat();
    if (names.length === 0) {
      this.problems.push(`${label} names no cache; add cache to it or to the @CacheConfig of its class, or a cacheResolver`);
    }
    return manager && names.flatMap((name) => {
      const found = manager.find(name);
      if (found === undefined) this.problems.push(`${label} names cache ${JSON.stringify(name)}, which ${manager.whyNot(name)}`);
      return found ?? [];
    });
  }

  private resolve<T>(token: InjectionToken, role: string, label: string): T | undefined {
    try {
      return this.moduleRef.get<T>(token as string, { strict: false });
    } catch {
      const name = typeof token === 'function' ? token.name : String(token);
      this.problems.push(`${label} names ${role} ${name}, which no module provides; add it to the providers of one`);
      return undefined;
    }
  }
}

/** The word nearest to the operation wins; a manager nearer than a resolver cancels it, and the reverse. */
function choose(...levels: readonly Choice[]): Choice {
  const caches = levels.find(({ cacheManager, cacheResolver }) => (cacheManager ?? cacheResolver) !== undefined);
  const keyGenerator = levels.find((level) => level.keyGenerator !== undefined)?.keyGenerator;
  // Of an application that sets both, the resolver is used.
  return caches?.cacheResolver ? { keyGenerator, cacheResolver: caches.cacheResolver } : { keyGenerator, cacheManager: caches?.cacheManager };
}

/** The `@CacheConfig` of a class and its bases, each setting from the nearest that has it. */
function configOf(type: object): CacheConfigOptions {
  const levels: CacheConfigOptions[] = [];
  for (let each: object | null = type; each !== null && each !== Function.prototype; each = Object.getPrototypeOf(each) as object | null) {
    levels.push(ownConfig(each) ?? {});
  }
  return { ...choose(...levels), cache: levels.find(({ cache }) => cache !== undefined)?.cache };
}
