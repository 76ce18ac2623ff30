import type { Type } from '@nestjs/common';
import { hiddenStateOf } from './hidden-state.js';

/** How instances of a class are serialised. */
export interface CacheTypeOptions {
  /** Stored instead of the class name; unlike it, survives renaming and minification. */
  readonly name: string;
  /**
   * Schema version, an integer from 1. Increment it when the fields change: entries of another version are cache
   * misses.
   */
  readonly version: number;
}

interface Registered extends CacheTypeOptions {
  readonly type: Type;
}

const byName = new Map<string, Registered>();
const byPrototype = new Map<object, Registered>();

/**
 * Makes instances of a class cacheable: a cached value is decoded to an instance with its fields and methods.
 * All state must be in own, enumerable fields. A class that has `#private` members or `accessor` fields, or extends a
 * built-in class, is rejected. Decoding does not run the constructor.
 * Values that contain instances of other classes, subclasses of this one included, are returned to the caller but not
 * stored; the log then names the missing decorator once.
 *
 * @example `@CacheType({ name: 'place', version: 1 }) class PlaceView { … }`
 * @throws Error when another class has this name, the version is not an integer from 1, or the class can have state
 * that would be lost
 */
export function CacheType(options: CacheTypeOptions) {
  return (type: Type): void => {
    const other = byName.get(options.name);
    if (other !== undefined) {
      throw new Error(
        `@CacheType({ name: '${options.name}' }) is on both ${other.type.name} and ${type.name}; give one another name`,
      );
    }
    if (!Number.isSafeInteger(options.version) || options.version < 1) {
      throw new Error(`@CacheType of ${type.name} has version ${options.version}; it must be a whole number from 1`);
    }
    const hidden = hiddenStateOf(type.prototype as object);
    if (hidden !== undefined) {
      throw new Error(
        `@CacheType is on ${type.name}, which ${hidden}, and what these hold would be lost in the cache; keep all ` +
          'state in public fields, or leave the decorator out: such values are then returned, but not stored',
      );
    }
    const registered = { ...options, type };
    byName.set(options.name, registered);
    byPrototype.set(type.prototype as object, registered);
  };
}

/** Registration of exactly the class with this prototype. */
export function findTypeOf(prototype: object): Registered | undefined {
  return byPrototype.get(prototype);
}

/** Registration of a name found in stored bytes; undefined when this release has none. */
export function findTypeNamed(name: string): Registered | undefined {
  return byName.get(name);
}
