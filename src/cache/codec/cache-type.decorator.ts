import type { Type } from '@nestjs/common';
import { hiddenStateOf } from './hidden-state.js';

/** How instances of a class are written down. */
export interface CacheTypeOptions {
  /** Stands in the stored bytes for the class; unlike the class name it survives renaming and minifying. */
  readonly name: string;
  /** Raise it when the fields change: entries of another version count as missing. A whole number from 1. */
  readonly version: number;
}

interface Registered extends CacheTypeOptions {
  readonly type: Type;
}

const byName = new Map<string, Registered>();
const byPrototype = new Map<object, Registered>();

/**
 * Lets the cache keep instances of a class: what comes out is an instance again, with its fields and its methods.
 * All state must be in own, enumerable fields (a class that has `#private` members or `accessor` fields, or
 * extends a built-in class, is refused), and the constructor is not run.
 * Values that hold instances of other classes, subclasses of this one included, are returned to the caller, but not
 * stored; the log then says once which decorator is missing.
 *
 * @example `@CacheType({ name: 'place', version: 1 }) class PlaceView { … }`
 * @throws Error when another class has this name, the version is no whole number from 1, or the class can have state
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

/** The registration of exactly the class this is the prototype of. */
export function findTypeOf(prototype: object): Registered | undefined {
  return byPrototype.get(prototype);
}

/** The registration under a name found in stored bytes; undefined when this version of the program has none. */
export function findTypeNamed(name: string): Registered | undefined {
  return byName.get(name);
}
