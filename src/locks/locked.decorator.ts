import { Inject } from '@nestjs/common';
import { copyMethodMetadata } from '../common/index.js';
import { durationMs } from '../config/index.js';
import { Locks, type LockOptions } from './locks.js';

type Work<A extends unknown[], T> = (...args: A) => Promise<T>;

const LOCKS = Symbol('locks');

/**
 * Runs a method of a provider while no other work under that lock runs in any process, as `Locks.run` does. The method
 * gets its fencing token and signal from `currentLock()`. The decorator has to be placed above `@Transactional()`:
 * below it the lock would be released before the change is committed.
 *
 * @param name of the lock, or a function that derives it from the arguments
 * @throws RangeError for invalid durations, when the class is defined; LockBusyError and LockLostError when called
 * @example
 * `@Locked('rankings', { ttl: '30s' })`
 * `async rank(): Promise<void> { await this.write(await this.read(), currentLock().fence); }`
 * @example `@Locked((id: number) => \`photo:${id}\`, { ttl: '30s', wait: '5s' })`
 */
export function Locked<N extends unknown[]>(name: string | ((...args: N) => string), options: LockOptions) {
  durationMs('ttl', options.ttl);
  durationMs('wait', options.wait ?? 0, 0);
  return <A extends [...N, ...unknown[]], T>(
    prototype: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<Work<A, T>>,
  ): void => {
    const { value: work } = descriptor;
    if (work === undefined) throw new TypeError(`@Locked can only decorate methods, not ${String(method)}`);
    Inject(Locks)(prototype, LOCKS);
    const locked = function (this: { readonly [LOCKS]?: Locks }, ...args: A): Promise<T> {
      const locks = this[LOCKS];
      if (locks === undefined) throw new Error(`${String(method)} is @Locked, but its class is no provider`);
      const lock = typeof name === 'string' ? name : name(...(args as unknown as N));
      return locks.run(lock, options, () => work.apply(this, args));
    };
    copyMethodMetadata(locked, work);
    descriptor.value = locked;
  };
}
