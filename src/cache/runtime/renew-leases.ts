import { LEASE_MS, type Lease } from '../storage/cache-storage.js';
import type { Target } from './load-request.js';

/** A lease, and the target that it may fill. */
export interface Held {
  readonly target: Target;
  readonly lease: Lease;
}

/** Renewal interval; two renewals may fail or be late. */
const RENEWAL_MS = LEASE_MS / 4;

/**
 * Renews leases while their load runs, up to the maximum duration of a load whose result is cached. So other processes
 * wait for a slow loader, but not for one that has died.
 * @returns function that stops the renewal; call it when the result has been stored or given up
 */
export function renewLeases(held: readonly Held[]): () => void {
  if (held.length === 0) return () => undefined;
  const startedAt = performance.now();
  const live = new Set(held);
  const timer = setInterval(() => {
    for (const each of live) void renew(each, startedAt, live);
    if (live.size === 0) clearInterval(timer);
  }, RENEWAL_MS).unref();
  return () => clearInterval(timer);
}

async function renew(held: Held, startedAt: number, live: Set<Held>): Promise<void> {
  const { region } = held.target;
  const leftMs = startedAt + region.settings.localWaitMs - performance.now();
  if (leftMs <= 0 || !(await region.renew(held.lease, leftMs))) live.delete(held);
}
