import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../../common/index.js';
import type { CacheRegion, Lookup } from '../manager/cache-region.js';
import type { Lease, Life } from '../storage/cache-storage.js';
import { isLoading, runLoad, type CacheOutcome } from './call-scope.js';
import type { Landing } from './flights.js';

const POLL_MIN_MS = 4;
const POLL_MAX_MS = 32;

/** An entry to look for and to fill. */
export interface Target {
  readonly region: CacheRegion;
  readonly key: string;
  /** Undefined when only the result tells. */
  readonly tags: readonly string[] | undefined;
  /** How to keep this result; undefined when it is not to be kept. */
  readonly lifeOf: (result: unknown) => Life | undefined;
}

/** A value that is wanted. */
export interface LoadRequest {
  /** Asked in this order. */
  readonly targets: readonly Target[];
  /** Gives the value when no target has it. Runs at most once. */
  load(): Promise<unknown>;
  /** Runs the load even on a hit. */
  readonly always: boolean;
  /** The value is for everybody: its load knows nothing of the caller. */
  readonly detached: boolean;
  /** How long to wait for another process that loads the same, if not as long as the cache says. */
  readonly waitMs?: number | undefined;
}

/** The value, and how it was come by. */
export interface Loaded {
  readonly value: unknown;
  readonly outcome: CacheOutcome;
}

type Miss = Exclude<Lookup, { readonly kind: 'hit' }>;
interface Missed {
  readonly target: Target;
  readonly lookup: Miss;
}

interface Held {
  readonly target: Target;
  readonly lease: Lease;
}

/**
 * Answers from the first target that has a value; else loads once, keeps the result in all targets and answers with
 * it.
 */
export async function loadThrough(request: LoadRequest): Promise<Loaded> {
  const missed: Missed[] = [];
  for (const target of request.targets) {
    const lookup = await target.region.lookup(target.key, target.tags);
    if (lookup.kind !== 'hit') missed.push({ target, lookup });
    else if (!request.always) {
      await release(heldBy(missed));
      target.region.stats.hits += 1;
      return { value: lookup.value, outcome: 'HIT' };
    }
  }
  const [only] = missed;
  const shared = request.targets.length === 1 && !request.always && only !== undefined;
  const loaded = shared ? await loadTogether(request, only) : await load(request, missed);
  const figure = ({ MISS: 'misses', BYPASS: 'bypasses', STALE: 'stale' } as const)[loaded.outcome];
  for (const { region } of request.targets) region.stats[figure] += 1;
  return loaded;
}

/** Callers who miss the same entry share one load: in this process by its token, across processes by its lease. */
async function loadTogether(request: LoadRequest, missed: Missed): Promise<Landing> {
  const { target, lookup } = missed;
  const token = tokenOf(lookup);
  // A method that asks for the very entry it is loading would wait for itself.
  if (token === undefined || isLoading(token)) return load(request, [missed]);
  const start = () => (lookup.kind === 'lease' ? load(request, [missed]) : waitAndLoad(request, missed));
  const { landing, joined } = await target.region.flights.join(token, start);
  if (!joined) return landing;
  const copy = landing.bytes && target.region.decode(landing.bytes);
  return copy ? { ...landing, value: copy.decoded } : load(request, [missed]);
}

/** Waits for the holder of the lease; past the bound, loads and keeps nothing. */
async function waitAndLoad(request: LoadRequest, missed: Missed): Promise<Landing> {
  const { target } = missed;
  target.region.stats.waits += 1;
  const deadline = performance.now() + (request.waitMs ?? target.region.settings.waitMs);
  for (let delayMs = POLL_MIN_MS; performance.now() < deadline; delayMs = Math.min(delayMs * 2, POLL_MAX_MS)) {
    await sleep(delayMs);
    const lookup = await target.region.lookup(target.key, target.tags);
    if (lookup.kind === 'hit') return { ...lookup, outcome: 'MISS' };
    if (lookup.kind === 'lease') return loadTogether(request, { target, lookup });
    if (lookup.kind === 'away') break;
  }
  target.region.stats.waitTimeouts += 1;
  return load(request, [missed]);
}

/** Runs the load and keeps its value wherever a lease was got; the last value answers when the source is away. */
async function load(request: LoadRequest, missed: readonly Missed[]): Promise<Landing> {
  const held = heldBy(missed);
  const away = missed.length > 0 && missed.every(({ lookup }) => lookup.kind === 'away');
  try {
    const tokens = missed.flatMap(({ lookup }) => tokenOf(lookup) ?? []);
    const detached = request.detached;
    const { value, stale } = await timed(request, () => runLoad(() => request.load(), { tokens, detached }));
    if (stale) await release(held);
    const bytes = stale ? undefined : await keep(held, value);
    return { value, bytes, outcome: stale ? 'STALE' : away ? 'BYPASS' : 'MISS' };
  } catch (error) {
    await release(held);
    const last = isUnavailable(error) ? lastValue(missed) : undefined;
    if (last === undefined) throw error;
    return { ...last, outcome: 'STALE' };
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

/** Fills with the value, or gives the leases back where it is not to be kept; gives the bytes that were stored. */
async function keep(held: readonly Held[], value: unknown): Promise<Buffer | undefined> {
  const kept = held.map(async ({ target: { region, lifeOf }, lease }) => {
    const life = lifeOf(value);
    const bytes = life && region.encode(value);
    await (life && bytes ? region.fill(lease, bytes, life) : region.release(lease));
    return bytes;
  });
  return (await Promise.all(kept)).find((bytes) => bytes !== undefined);
}

async function release(held: readonly Held[]): Promise<void> {
  await Promise.all(held.map(({ target, lease }) => target.region.release(lease)));
}

function heldBy(missed: readonly Missed[]): Held[] {
  return missed.flatMap(({ target, lookup }) => (lookup.kind === 'lease' ? [{ target, lease: lookup.lease }] : []));
}

/** What tells the load of an entry apart from all others; undefined when nobody can tell. */
function tokenOf(lookup: Miss): string | undefined {
  if (lookup.kind === 'away') return undefined;
  return lookup.kind === 'lease' ? lookup.lease.token : lookup.token;
}

/** The value past its time that a lookup came upon. */
function lastValue(missed: readonly Missed[]): { value: unknown; bytes: Buffer } | undefined {
  for (const { target, lookup } of missed) {
    const bytes = lookup.kind === 'away' ? undefined : lookup.stale;
    const last = bytes && target.region.decode(bytes);
    if (last) return { value: last.decoded, bytes };
  }
  return undefined;
}
