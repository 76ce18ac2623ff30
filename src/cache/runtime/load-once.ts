import { isUnavailable } from '../../common/index.js';
import { runLoad } from './call-scope.js';
import type { LoadResult } from './single-flight.js';
import type { LoadRequest, Miss, CacheMiss } from './load-request.js';
import { renewLeases, type Held } from './renew-leases.js';

/** Placeholder token of a load without a lease, while the cache is unavailable. */
export const NO_LEASE_TOKEN = 'no-lease';

/** Runs the load and stores its value under each lease; falls back to the stale value if the source is unavailable. */
export async function loadOnce(request: LoadRequest, missed: readonly CacheMiss[]): Promise<LoadResult> {
  const held = heldBy(missed);
  const stopRenewing = renewLeases(held);
  try {
    return await loadAndKeep(request, missed, held);
  } finally {
    stopRenewing();
  }
}

async function loadAndKeep(
  request: LoadRequest,
  missed: readonly CacheMiss[],
  held: readonly Held[],
): Promise<LoadResult> {
  const isDegraded = missed.length > 0 && missed.every(({ lookup }) => lookup.kind === 'unavailable');
  const loaded = await run(request, missed, held);
  if ('outcome' in loaded) return loaded;
  const { value, stale, loadMs } = loaded;
  if (stale) await release(held);
  const bytes = stale ? undefined : await keep(held, value, loadMs);
  return { value, bytes, outcome: stale ? 'STALE' : isDegraded ? 'BYPASS' : 'MISS' };
}

/** The result of the load, or the stale value when its source is unavailable. */
async function run(request: LoadRequest, missed: readonly CacheMiss[], held: readonly Held[]) {
  try {
    const tokens = missed.map(({ lookup }) => tokenOf(lookup) ?? NO_LEASE_TOKEN);
    const detached = request.detached;
    const startedAt = performance.now();
    const { value, stale } = await timed(request, () => runLoad(() => request.load(), { tokens, detached }));
    return { value, stale, loadMs: Math.ceil(performance.now() - startedAt) };
  } catch (error) {
    await release(held);
    const last = isUnavailable(error) ? staleFallback(missed) : undefined;
    if (last === undefined) throw error;
    return last;
  }
}

/** Counts a load, failed or not, in every cache of the request. */
async function timed<T>({ targets }: LoadRequest, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await run();
  } finally {
    for (const { region } of targets) region.stats.countLoad(performance.now() - startedAt);
  }
}

/** A copy of the result for a caller that joined the load; runs `load` when the result cannot be copied. */
export async function copyFor(
  { target }: CacheMiss,
  result: LoadResult,
  load: () => Promise<LoadResult>,
): Promise<LoadResult> {
  const copy = result.bytes && target.region.codec.decode(result.bytes);
  return copy ? { ...result, value: copy.decoded } : load();
}

/** Releases the leases of a load that does not take place. */
export function releaseLeases(missed: readonly CacheMiss[]): Promise<void> {
  return release(heldBy(missed));
}

/** Token that identifies the load of an entry; undefined when the cache is unavailable. */
export function tokenOf(lookup: Miss): string | undefined {
  if (lookup.kind === 'unavailable') return undefined;
  return lookup.kind === 'lease' ? lookup.lease.token : lookup.token;
}

/** A decoded copy of the stale value that a lookup found (stale-if-error). */
export function staleFallback(missed: readonly CacheMiss[]): LoadResult | undefined {
  for (const { target, lookup } of missed) {
    const bytes = lookup.kind === 'unavailable' ? undefined : lookup.stale;
    const last = bytes && target.region.codec.decode(bytes);
    if (last) return { value: last.decoded, bytes, outcome: 'STALE' };
  }
  return undefined;
}

/** Stores the value under the leases, or releases them where it must not be cached; returns the encoded bytes. */
async function keep(held: readonly Held[], value: unknown, loadMs: number): Promise<Buffer | undefined> {
  const stored = held.map(async ({ target: { region, expirationFor, toResponse }, lease }) => {
    try {
      const expiration = expirationFor(value);
      const entry = expiration && region.codec.entryOf(value, toResponse);
      await (expiration && entry ? region.fill(lease, entry, { ...expiration, loadMs }) : region.release(lease));
      return entry?.value;
    } catch (error) {
      await region.release(lease);
      throw error;
    }
  });
  return (await Promise.all(stored)).find((bytes) => bytes !== undefined);
}

async function release(held: readonly Held[]): Promise<void> {
  await Promise.all(held.map(({ target, lease }) => target.region.release(lease)));
}

function heldBy(missed: readonly CacheMiss[]): Held[] {
  return missed.flatMap(({ target, lookup }) => (lookup.kind === 'lease' ? [{ target, lease: lookup.lease }] : []));
}
