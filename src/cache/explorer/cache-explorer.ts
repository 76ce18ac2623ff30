import { Injectable } from '@nestjs/common';
import { LazyModuleLoader, ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '../../common/index.js';
import { InvalidCacheOperationsError } from '../cache.errors.js';
import { CACHE_SETTINGS } from '../cache-settings.js';
import { InheritedOperations } from './inherited-operations.js';
import { MethodRegistry, type ProviderClass } from './method-registry.js';

/**
 * Validates the cache operations of all providers, controllers and enhancers (guards, interceptors, pipes, filters) at
 * the start of the application and when a module is loaded lazily, and adopts those of their objects that Nest has not
 * created.
 */
@Injectable()
export class CacheExplorer {
  private readonly seen = new WeakSet<object>();
  private readonly inherited = new InheritedOperations();

  constructor(
    private readonly modules: ModulesContainer,
    private readonly lazyModules: LazyModuleLoader,
    private readonly registry: MethodRegistry,
  ) {}

  /**
   * Processes providers, controllers and enhancers not seen before.
   * @throws InvalidCacheOperationsError naming every problem of the operations of the application
   */
  explore(): void {
    this.watchLazyModules();
    const wrappers = this.wrappers().filter((wrapper) => !this.seen.has(wrapper));
    this.registry.compile(wrappers.flatMap(classOf), this.inherited);
    for (const wrapper of wrappers) {
      this.seen.add(wrapper);
      if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) this.registry.adopt(wrapper.instance);
      else if (wrapper.isFactory) this.adoptFuture(wrapper);
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
    return [...this.modules.values()].flatMap(({ providers, controllers, injectables }) => [
      ...providers.values(),
      ...controllers.values(),
      // Enhancers declared by decorators such as @UseGuards().
      ...injectables.values(),
    ]);
  }

  /** Adopts the past and future instances of a factory that is called per request or per consumer. */
  private adoptFuture(wrapper: InstanceWrapper): void {
    for (const made of wrapper.getStaticTransientInstances()) this.registry.adopt(made?.instance);
    const create = wrapper.metatype as ((...args: unknown[]) => unknown) | null;
    if (create === null) return;
    wrapper.metatype = async (...args: unknown[]) => {
      const instance = await create(...args);
      this.registry.adopt(instance);
      return instance;
    };
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

function classOf(wrapper: InstanceWrapper): ProviderClass[] {
  const prototype = prototypeOf(wrapper);
  return prototype === undefined ? [] : [[prototype, !wrapper.isDependencyTreeStatic()]];
}

function prototypeOf(wrapper: InstanceWrapper): object | undefined {
  const { instance, metatype } = wrapper as { instance: unknown; metatype: InstanceWrapper['metatype'] };
  if (metatype && !wrapper.isFactory) return metatype.prototype as object | undefined;
  if (typeof instance !== 'object' || instance === null) return undefined;
  return (Object.getPrototypeOf(instance) as object | null) ?? undefined;
}
