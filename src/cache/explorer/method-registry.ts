import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { PreparedResponse } from '../../common/index.js';
import { CacheOperationError, InvalidCacheOperationsError } from '../cache.errors.js';
import { CACHE_SETTINGS, type CacheSettings } from '../cache-settings.js';
import {
  CACHE_RUNTIME, type CacheRuntime, type CacheTarget, type DecoratedMethod,
} from '../decorators/decorated-method.js';
import { CacheManager } from '../manager/cache-manager.js';
import { CacheChanges } from '../runtime/cache-changes.js';
import type { CachedMethod } from '../runtime/cached-method.js';
import { CacheAspect } from './cache-aspect.js';
import { decoratedMethodsOf } from './decorated-methods.js';
import { InheritedOperations } from './inherited-operations.js';
import { OperationCompiler } from './operation-compiler.js';
import { problemOfReplacement } from './replacement-rules.js';

/** Prototype of a provider class, and whether its instances are created per request. */
export type ProviderClass = readonly [prototype: object, perRequest: boolean];

type CompiledMethods = ReadonlyMap<DecoratedMethod, CachedMethod>;

/**
 * The decorated methods of one application. Nest injects it into every provider that has decorated methods, so that
 * their calls are cached, and evict, from the moment the provider is created. Until the operations of a class are
 * compiled at the start, each call compiles them for itself, because what they refer to may not exist yet.
 */
@Injectable()
export class MethodRegistry implements CacheRuntime, OnModuleDestroy {
  private readonly compiled = new WeakMap<object, CompiledMethods>();
  /** Methods of classes that are not providers, such as those of `moduleRef.create()`; compiled by the first call. */
  private readonly compiledByCall = new WeakMap<object, CompiledMethods>();
  private isExplored = false;
  private isClosed = false;

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly aspect: CacheAspect,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
    private readonly manager: CacheManager,
    private readonly changes: CacheChanges,
  ) {}

  /**
   * Compiles the operations of classes for all later calls.
   * @param inherited operations of the classes compiled before
   * @throws InvalidCacheOperationsError naming every problem of the operations
   */
  compile(classes: readonly ProviderClass[], inherited?: InheritedOperations): void {
    for (const [prototype, methods] of this.compileAll(classes, inherited)) this.compiled.set(prototype, methods);
    this.isExplored = true;
  }

  /**
   * Adopts an object that Nest has not created, but received as a value or from a factory.
   * @throws InvalidCacheOperationsError when it belongs to another running application
   */
  adopt(instance: unknown): void {
    if (typeof instance !== 'object' || instance === null) return;
    const prototype = Object.getPrototypeOf(instance) as object | null;
    if (prototype === null) return;
    this.compile([[prototype, false]]);
    if (!this.compiled.get(prototype)?.size) return;
    const owner = (instance as CacheTarget)[CACHE_RUNTIME];
    if (owner === this) return;
    if (owner instanceof MethodRegistry && !owner.isClosed) {
      throw new InvalidCacheOperationsError([
        `an object of ${prototype.constructor.name} is a provider of two running applications; give each its own`,
      ]);
    }
    Object.defineProperty(instance, CACHE_RUNTIME, { value: this, writable: true, configurable: true });
  }

  call(method: DecoratedMethod, target: object, args: readonly unknown[]): Promise<unknown> {
    const proceed = () => method.original.apply(target, [...args]);
    try {
      const cached = this.find(method, target);
      return cached === undefined ? proceed() : this.aspect.invoke(cached, target, args, proceed);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async respond(method: DecoratedMethod, target: object, args: readonly unknown[]): Promise<PreparedResponse> {
    const cached = this.find(method, target);
    if (cached === undefined) throw new CacheOperationError(String(method.name), 'it is overridden');
    return this.aspect.answer(cached, target, args, () => method.original.apply(target, [...args]));
  }

  onModuleDestroy(): void {
    this.isClosed = true;
  }

  /** Undefined for a method that a subclass overrides with operations of its own and calls through `super`. */
  private find(method: DecoratedMethod, target: object): CachedMethod | undefined {
    const prototype = Object.getPrototypeOf(target) as object;
    const known = this.compiled.get(prototype) ?? this.compiledByCall.get(prototype) ?? this.compileForCall(prototype);
    return known?.get(method);
  }

  private compileForCall(prototype: object): CompiledMethods | undefined {
    const methods = this.compileAll([[prototype, false]]).get(prototype);
    if (methods !== undefined && this.isExplored) this.compiledByCall.set(prototype, methods);
    return methods;
  }

  private compileAll(classes: readonly ProviderClass[], inherited = new InheritedOperations()) {
    const { moduleRef, manager, changes, settings } = this;
    const compiler = new OperationCompiler({ moduleRef, manager, changes, defaults: settings }, inherited);
    const all = new Map<object, CompiledMethods>();
    for (const [prototype, perRequest] of classes) {
      if (this.compiled.has(prototype) || all.has(prototype)) continue;
      const methods = decoratedMethodsOf(prototype).map((method) => {
        compiler.problems.push(...problemOfReplacement(prototype, method));
        const cached = compiler.compile(prototype.constructor, String(method.name), method.operations, perRequest);
        return [method, cached] as const;
      });
      all.set(prototype, new Map(methods));
    }
    if (compiler.problems.length > 0) throw new InvalidCacheOperationsError(compiler.problems);
    return all;
  }
}
