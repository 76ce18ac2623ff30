import type { CacheConfigOptions } from './cache-options.js';
import { setConfig } from './operations.js';

/**
 * Defaults for the cache operations of a class and its subclasses. The nearest class that says something wins, an
 * operation's own word wins over all; an own `cacheManager` cancels an inherited `cacheResolver` and the reverse.
 * Operations of a base class hold for its subclasses too; a method that overrides one repeats its decorators, or has
 * others.
 *
 * @example `@CacheConfig({ cache: 'places' }) class PlacesService { … }`
 */
export function CacheConfig(config: CacheConfigOptions): ClassDecorator {
  return (type) => setConfig(type, config);
}
