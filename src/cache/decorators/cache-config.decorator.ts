import type { CacheConfigOptions } from './cache-options.js';
import { setConfig } from './operations.js';

/**
 * Defaults for the cache operations of a class and its subclasses. The nearest class that sets an option wins, and an
 * option of the operation overrides all of them; an own `cacheManager` cancels an inherited `cacheResolver` and vice
 * versa.
 * Operations of a base class apply to its subclasses; a method that overrides a decorated one must repeat its
 * decorators or declare others.
 *
 * @example `@CacheConfig({ cache: 'places' }) class PlacesService { … }`
 */
export function CacheConfig(config: CacheConfigOptions): ClassDecorator {
  return (type) => setConfig(type, config);
}
