import 'reflect-metadata';
import { Inject } from '@nestjs/common';
import { copyMethodMetadata, type PreparedResponse } from '../../common/index.js';
import { CacheOperationError } from '../cache.errors.js';
import type { Operation } from './operations.js';

type Method = (...args: unknown[]) => Promise<unknown>;

/** A method with cache operations, as its decorators define it. */
export interface DecoratedMethod {
  /** Prototype of the declaring class. */
  readonly prototype: object;
  readonly name: string | symbol;
  /** In the order of the decorators in the source. */
  operations: readonly Operation[];
  /** The method as written, or as changed by decorators beneath these. */
  readonly original: Method;
  /** The function that replaces it. */
  readonly replacement: Method;
}

/** Runs the decorated methods of the providers of one application. */
export interface CacheRuntime {
  call(method: DecoratedMethod, target: object, args: readonly unknown[]): Promise<unknown>;
  /** The same for the HTTP response. */
  respond(method: DecoratedMethod, target: object, args: readonly unknown[]): Promise<PreparedResponse>;
}

/** Injection token of the `CacheRuntime` of an application, and the property in which a provider holds it. */
export const CACHE_RUNTIME = Symbol('CacheRuntime');

/** An object with decorated methods; without a runtime until an application manages it. */
export interface CacheTarget {
  [CACHE_RUNTIME]?: CacheRuntime;
}

const UNMANAGED =
  'it changes a cache, but was called on an instance that Nest does not manage (or without `this`); register its ' +
  'class as a provider, or call it after the application has started';

const METHOD = Symbol('cache:method');
const byReplacement = new WeakMap<object, DecoratedMethod>();

/**
 * Adds operations to a method. The first call also replaces the method by an indistinguishable function and has Nest
 * inject the runtime into the instances: every reference to the method, however early it is taken, runs the operations.
 *
 * @throws TypeError when the target is not a method, is static, or was replaced by a decorator between two cache
 * decorators
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

/** Decorated method of exactly this class; undefined when it has no cache decorators. */
export function ownMethod(prototype: object, name: string | symbol): DecoratedMethod | undefined {
  return Reflect.getOwnMetadata(METHOD, prototype, name) as DecoratedMethod | undefined;
}

/** Decorated method that a function replaces. */
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
