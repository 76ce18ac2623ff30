import { isUnavailable } from '../../common/index.js';
import { runLoad } from './call-scope.js';
import type { LoadResult } from './single-flight.js';
import type { LoadRequest, Miss, CacheMiss } from './load-request.js';
import { renewLeases, type Held } from './renew-leases.js';

/** Stands for the token of a load while nobody can give one. */
export const NO_LEASE_TOKEN = 'away';

/** Runs the load and keeps its value wherever a lease was got; the last value answers when the source is away. */
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
  const away = missed.length > 0 && missed.every(({ lookup }) => lookup.kind === 'unavailable');
  const loaded = await run(request, missed, held);
  if ('outcome' in loaded) return loaded;
  const { value, stale, loadMs } = loaded;
  if (stale) await release(held);
  const bytes = stale ? undefined : await keep(held, value, loadMs);
  return { value, bytes, outcome: stale ? 'STALE' : away ? 'BYPASS' : 'MISS' };
}

/** What the load gives, or the last value when its source is away. */
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

/** Counts a load, failed or not, in every cache that asked for it. */
async function timed<T>({ targets }: LoadRequest, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await run();
  } finally {
    for (const { region } of targets) region.stats.countLoad(performance.now() - startedAt);
  }
}

/** Who joined a load gets a copy of what it gave, or loads what cannot be copied. */
export async function copyFor(
  { target }: CacheMiss,
  landed: LoadResult,
  load: () => Promise<LoadResult>,
): Promise<LoadResult> {
  const copy = landed.bytes && target.region.codec.decode(landed.bytes);
  return copy ? { ...landed, value: copy.decoded } : load();
}

/** Gives back the leases of a load that does not happen. */
export function releaseLeases(missed: readonly CacheMiss[]): Promise<void> {
  return release(heldBy(missed));
}

/** What tells the load of an entry apart from all others; undefined when nobody can tell. */
export function tokenOf(lookup: Miss): string | undefined {
  if (lookup.kind === 'unavailable') return undefined;
  return lookup.kind === 'lease' ? lookup.lease.token : lookup.token;
}

/** The value past its time that a lookup came upon, in a copy of its own. */
export function staleFallback(missed: readonly CacheMiss[]): LoadResult | undefined {
  for (const { target, lookup } of missed) {
    const bytes = lookup.kind === 'unavailable' ? undefined : lookup.stale;
    const last = bytes && target.region.codec.decode(bytes);
    if (last) return { value: last.decoded, bytes, outcome: 'STALE' };
  }
  return undefined;
}

/** Fills with the value, or gives the leases back where it is not to be kept; gives the bytes that were stored. */
async function keep(held: readonly Held[], value: unknown, loadMs: number): Promise<Buffer | undefined> {
  const kept = held.map(async ({ target: { region, expirationFor: lifeOf, toResponse: answerOf }, lease }) => {
    try {
      const life = lifeOf(value);
      const entry = life && region.codec.entryOf(value, answerOf);
      await (life && entry ? region.fill(lease, entry, { ...life, loadMs }) : region.release(lease));
      return entry?.value;
    } catch (error) {
      await region.release(lease);
      throw error;
    }
  });
  return (await Promise.all(kept)).find((bytes) => bytes !== undefined);
}

async function release(held: readonly Held[]): Promise<void> {
  await Promise.all(held.map(({ target, lease }) => target.region.release(lease)));
}

function heldBy(missed: readonly CacheMiss[]): Held[] {
  return missed.flatMap(({ target, lookup }) => (lookup.kind === 'lease' ? [{ target, lease: lookup.lease }] : []));
}
