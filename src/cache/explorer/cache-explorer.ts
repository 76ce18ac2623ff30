import { Inject, Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, LazyModuleLoader, ModuleRef } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { JsonAnswer } from '../../common/index.js';
import { InvalidCacheOperationsError } from '../cache.errors.js';
import { CACHE_SETTINGS, type CacheSettings } from '../cache-settings.js';
import type { CachedMethod } from '../runtime/cached-method.js';
import { CacheAspect } from './cache-aspect.js';
import { decoratedMethodsOf } from './decorated-methods.js';
import { InheritedOperations } from './inherited-operations.js';
import { OperationCompiler } from './operation-compiler.js';
import { wrapMethod, type Around } from './wrap-method.js';

/**
 * Finds the decorated methods of all providers and controllers when the application starts, and when a module is loaded
 * lazily, and puts the cache around them. The methods of an instance are replaced on the instance itself: calls through
 * `this` are cached as well, and two applications in one process do not meet. Providers that are made anew for a
 * request or for each user get a subclass whose methods are replaced; their instances share entries like any others.
 */
@Injectable()
export class CacheExplorer {
  private readonly seen = new WeakSet<object>();
  private readonly inherited = new InheritedOperations();
  private readonly compiled = new Map<object, ReadonlyMap<string | symbol, CachedMethod>>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly moduleRef: ModuleRef,
    private readonly aspect: CacheAspect,
    private readonly lazyModules: LazyModuleLoader,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  /**
   * Puts the cache around what it has not seen yet.
   * @throws InvalidCacheOperationsError naming everything that is wrong with the operations of the application
   */
  explore(): void {
    this.watchLazyModules();
    const wrappers = this.wrappers().filter((wrapper) => !this.seen.has(wrapper));
    const kinds = wrappers.map((wrapper) => [prototypeOf(wrapper), !wrapper.isDependencyTreeStatic()] as const);
    this.compileAll(kinds, this.inherited);
    for (const wrapper of wrappers) {
      this.seen.add(wrapper);
      if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) this.wrapInstance(wrapper.instance);
      else this.wrapFutureInstances(wrapper);
    }
  }

  private watchLazyModules(): void {
    if (this.seen.has(this.lazyModules)) return;
    this.seen.add(this.lazyModules);
    this.refuseTwoModules();
    const load = this.lazyModules.load.bind(this.lazyModules);
    this.lazyModules.load = async (...args) => {
      const loaded = await load(...args);
      this.explore();
      return loaded;
    };
  }

  private wrappers(): InstanceWrapper[] {
    return [...this.discovery.getProviders(), ...this.discovery.getControllers()];
  }

  private compileAll(
    kinds: readonly (readonly [prototype: object | undefined, perRequest: boolean])[],
    inherited?: InheritedOperations,
  ): void {
    const compiler = new OperationCompiler(this.moduleRef, this.settings, inherited);
    for (const [prototype, perRequest] of kinds) {
      if (prototype === undefined || this.compiled.has(prototype)) continue;
      const methods = [...decoratedMethodsOf(prototype)].map(
        ([name, operations]) =>
          [name, compiler.compile(prototype.constructor, String(name), operations, perRequest)] as const,
      );
      this.compiled.set(prototype, new Map(methods));
    }
    if (compiler.problems.length > 0) throw new InvalidCacheOperationsError(compiler.problems);
  }

  private wrapInstance(instance: unknown): void {
    if (typeof instance !== 'object' || instance === null || this.seen.has(instance)) return;
    this.seen.add(instance);
    const prototype = Object.getPrototypeOf(instance) as object;
    this.compileAll([[prototype, false]]);
    this.wrap(instance, prototype);
  }

  private wrapFutureInstances(wrapper: InstanceWrapper): void {
    for (const made of wrapper.getStaticTransientInstances()) this.wrapInstance(made?.instance);
    const { metatype } = wrapper;
    if (!metatype) return;
    if (wrapper.isFactory) {
      wrapper.metatype = async (...args: unknown[]) => {
        const instance: unknown = await (metatype as (...args: unknown[]) => unknown)(...args);
        this.wrapInstance(instance);
        return instance;
      };
    } else if (this.compiled.get(metatype.prototype as object)?.size) {
      wrapper.metatype = this.subclass(metatype as Type);
    }
  }

  private subclass(type: Type): Type {
    const subclass = class extends type {};
    const prototype = type.prototype as object;
    this.wrap(subclass.prototype, prototype);
    // Nest finds the provider of an instance by its constructor.
    Object.defineProperty(subclass.prototype, 'constructor', { value: type, writable: true, configurable: true });
    Object.defineProperty(subclass, 'name', { value: type.name });
    return subclass as Type;
  }

  private wrap(host: object, prototype: object): void {
    for (const [name, method] of this.compiled.get(prototype) ?? []) {
      const call: Around<unknown> = (target, args, proceed) => this.aspect.invoke(method, target, args, proceed);
      const answer: Around<JsonAnswer> = (target, args, proceed) => this.aspect.answer(method, target, args, proceed);
      wrapMethod(host, name, { call, answer: method.hasAnswer ? answer : undefined });
    }
  }

  private refuseTwoModules(): void {
    const hosts = this.wrappers().filter(({ metatype }) => metatype === CacheExplorer);
    if (hosts.length === 1) return;
    const settings = hosts.map(({ host }) => JSON.stringify(host?.getProviderByKey(CACHE_SETTINGS).instance));
    throw new InvalidCacheOperationsError([
      `CacheModule is imported ${hosts.length} times, with settings ${settings.join(' and ')}; import it once, in ` +
        'the root module, and give operations that need another a cacheManager of their own',
    ]);
  }
}

function prototypeOf(wrapper: InstanceWrapper): object | undefined {
  const { instance, metatype } = wrapper as { instance: unknown; metatype: InstanceWrapper['metatype'] };
  if (metatype && !wrapper.isFactory) return metatype.prototype as object | undefined;
  return typeof instance === 'object' && instance !== null ? (Object.getPrototypeOf(instance) as object) : undefined;
}
