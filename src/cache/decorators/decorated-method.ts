import 'reflect-metadata';
import { Inject } from '@nestjs/common';
import { copyMethodMetadata, type PreparedResponse } from '../../common/index.js';
import { CacheOperationError } from '../cache.errors.js';
import type { Operation } from './operations.js';

type Method = (...args: unknown[]) => Promise<unknown>;

/** A method with cache operations, as its decorators leave it. */
export interface DecoratedMethod {
  /** The class it is written in. */
  readonly prototype: object;
  readonly name: string | symbol;
  /** In the order in which the decorators are written. */
  operations: readonly Operation[];
  /** As it is written, or as decorators beneath these have left it. */
  readonly original: Method;
  /** What stands in its place. */
  readonly replacement: Method;
}

/** Runs decorated methods of the providers of one application. */
export interface CacheRuntime {
  call(method: DecoratedMethod, target: object, args: readonly unknown[]): Promise<unknown>;
  /** The same for what an HTTP client is answered. */
  respond(method: DecoratedMethod, target: object, args: readonly unknown[]): Promise<PreparedResponse>;
}

/** Injection token of the `CacheRuntime` of an application, and the field in which a provider finds it. */
export const CACHE_RUNTIME = Symbol('CacheRuntime');

/** An object with decorated methods; without a runtime while no application manages it. */
export interface CacheTarget {
  [CACHE_RUNTIME]?: CacheRuntime;
}

const UNMANAGED =
  'it changes a cache, but was called on an instance that Nest does not manage (or without `this`); register its ' +
  'class as a provider, or call it after the application has started';

const METHOD = Symbol('cache:method');
const byReplacement = new WeakMap<object, DecoratedMethod>();

/**
 * Adds operations to a method. The first time it also puts a function in the place of the method that nothing tells
 * from it, and has Nest inject the runtime into the instances: whoever gets hold of the method, however early, gets the
 * function that runs the operations.
 *
 * @throws TypeError for what is no method, a static one, and one that a decorator between two of ours has replaced
 */
export function addOperations(
  prototype: object,
  name: string | symbol,
  descriptor: PropertyDescriptor | undefined,
  operations: readonly Operation[],
): void {
  if (typeof prototype === 'function') {
    throw new TypeError(`${prototype.name}.${String(name)} is static; only methods of providers can be cached`);
  }
  const where = `${prototype.constructor.name}.${String(name)}`;
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== 'function') throw new TypeError(`${where} is no method`);
  const known = ownMethod(prototype, name);
  if (known === undefined) {
    descriptor.value = replace(prototype, name, original as Method, operations).replacement;
    injectRuntime(prototype);
  } else if (known.replacement === original) {
    known.operations = [...operations, ...known.operations];
  } else {
    throw new TypeError(
      `${where} has cache decorators above and beneath another that replaces the method; write them next to each other`,
    );
  }
}

function injectRuntime(prototype: object): void {
  if (Reflect.hasOwnMetadata(CACHE_RUNTIME, prototype)) return;
  Reflect.defineMetadata(CACHE_RUNTIME, true, prototype);
  Inject(CACHE_RUNTIME)(prototype, CACHE_RUNTIME);
}

/** The method of this very class; undefined when it has no cache decorators. */
export function ownMethod(prototype: object, name: string | symbol): DecoratedMethod | undefined {
  return Reflect.getOwnMetadata(METHOD, prototype, name) as DecoratedMethod | undefined;
}

/** The method that a function stands in the place of. */
export function methodReplacedBy(replacement: unknown): DecoratedMethod | undefined {
  return typeof replacement === 'function' ? byReplacement.get(replacement) : undefined;
}

function replace(
  prototype: object,
  name: string | symbol,
  original: Method,
  operations: readonly Operation[],
): DecoratedMethod {
  const replacement = function (this: CacheTarget | undefined, ...args: unknown[]): Promise<unknown> {
    const runtime = this?.[CACHE_RUNTIME];
    if (this !== undefined && runtime !== undefined) return runtime.call(method, this, args);
    if (method.operations.every(({ kind }) => kind === 'cacheable')) return original.apply(this, args);
    const where = `${prototype.constructor.name}.${String(name)}`;
    return Promise.reject(new CacheOperationError(where, UNMANAGED));
  };
  const method: DecoratedMethod = { prototype, name, operations, original, replacement };
  copyMethodMetadata(replacement, original);
  byReplacement.set(replacement, method);
  Reflect.defineMetadata(METHOD, method, prototype, name);
  return method;
}
