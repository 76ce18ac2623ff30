import type { CacheCall } from './cache-call.js';

/** Methods that can be cached: those that return a promise. */
export type CachedMethod = (...args: never[]) => Promise<unknown>;

type Resolved<M extends CachedMethod> = Awaited<ReturnType<M>>;

/** Required type of each function among the options, for method `M` of class `T`. */
interface ExpectedSignatures<T extends object, M extends CachedMethod> {
  key: (this: CacheCall<Resolved<M>, T>, ...args: Parameters<M>) => unknown;
  condition: (this: CacheCall<Resolved<M>, T>, ...args: Parameters<M>) => boolean;
  tags: (this: CacheCall<Resolved<M>, T>, ...args: Parameters<M>) => readonly string[];
  response: (result: Resolved<M>) => object;
  unless: (this: CacheCall<Resolved<M>, T>, result: Resolved<M>, ...args: Parameters<M>) => boolean;
}

/**
 * Names the functions among options `O` that do not fit method `M`; `{}` when all do. The names appear in the
 * compiler's error as missing properties.
 */
type IncompatibleOptions<O, T extends object, M extends CachedMethod> = {
  [K in keyof O & keyof ExpectedSignatures<T, M> as Exclude<O[K], undefined> extends ExpectedSignatures<T, M>[K]
    ? never
    : `${K} does not suit the arguments or the result of this method`]: true;
};

/** Members of the union of options `O` that contain an incompatible function. */
type WithIncompatibleOptions<O, T extends object, M extends CachedMethod> =
  O extends unknown ? ([keyof IncompatibleOptions<O, T, M>] extends [never] ? never : O) : never;

/** Names the lists of options (those of `@Caching`) that contain an incompatible function. */
type IncompatibleLists<O, T extends object, M extends CachedMethod> = {
  [K in keyof O & string as O[K] extends readonly (infer Each extends object)[]
    ? ([WithIncompatibleOptions<Each, T, M>] extends [never]
        ? never
        : `${K} holds a function that does not suit this method`)
    : never]: true;
};

/** Rejects options that `Known` does not have. */
export type Exact<O, Known> = {
  [K in keyof O]: K extends keyof Known
    ? O[K] extends readonly (infer Each)[] ? readonly Exact<Each, Member<Known[K]>>[] : O[K]
    : never;
};

type Member<L> = Exclude<L, undefined> extends readonly (infer Each)[] ? Each : L;

/** Decorates methods that return a promise and whose arguments and result fit every function among options `O`. */
export type CacheDecorator<O> = <T extends object, M extends CachedMethod>(
  target: T,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & IncompatibleOptions<O, T, M> & IncompatibleLists<O, T, M>,
) => void;
