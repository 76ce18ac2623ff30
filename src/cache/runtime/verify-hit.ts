import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import { AppError, settlesWithin } from '../../common/index.js';
import { runLoad } from './call-scope.js';
import { copyOf } from './single-flight.js';
import type { LoadRequest, Target } from './load-request.js';

/** Grace period for evictions: twice the second within which the outbox applies every committed eviction. */
const EVICTION_GRACE_MS = 2_000;

/** Maximum wait for a load. */
const LOAD_TIMEOUT_MS = 10_000;

/** A cached value, wrapped so that a cached `undefined` differs from a missing entry. */
interface Decoded {
  readonly decoded: unknown;
}

const logger = new Logger('Cache');

/**
 * Verifies a sample of the hits against their source: the method runs again in the background. A different value may
 * just be changing; it counts as a difference when the same value is still cached, and still differs, after the grace
 * period for evictions. Such an entry is logged and evicted.
 */
export function verifyHit(request: LoadRequest, target: Target): void {
  const { sampler } = target.region;
  // A method with side effects must not run because of a read.
  const isPureRead = request.verifiable === true && !request.forceLoad && request.onlyIfAbsent !== true;
  if (!isPureRead || !sampler.shouldSample()) return;
  void sampler.run(() => verify(request, target));
}

async function verify(request: LoadRequest, target: Target): Promise<void> {
  const { region, key } = target;
  try {
    const before = await findDiffering(request, target);
    if (before === undefined) return;
    await sleep(EVICTION_GRACE_MS, undefined, { ref: false });
    const after = await findDiffering(request, target);
    if (!isDeepStrictEqual(before, after)) return;
    region.stats.differences += 1;
    logger.error(`cache '${region.name}': stale entry detected for key '${key}'; evicted`);
    await region.evict({ key });
  } catch {
    // The source or the handler of store errors has failed, so the check has no result.
    region.stats.backgroundErrors += 1;
  }
}

/**
 * The cached value, if the source gives a different one. The cache is read before the source, so that a cached value
 * that differs is older than that of the source, not newer.
 */
async function findDiffering(request: LoadRequest, { region, key }: Target): Promise<Decoded | undefined> {
  const cached = await region.peek(key);
  if (cached === undefined) return undefined;
  const bytes = await loadAgain(request);
  region.stats.checks += 1;
  const now = bytes && region.codec.decode(bytes);
  return now !== undefined && isDeepStrictEqual(cached.decoded, now.decoded) ? undefined : cached;
}

/**
 * An encoded copy of the source's value; undefined when the source no longer has one, or one that cannot be cached.
 * @throws any other error of the load, or an error when it takes too long or used a stale value
 */
async function loadAgain(request: LoadRequest): Promise<Buffer | undefined> {
  const loading = runLoad(() => request.load(), { tokens: [], detached: request.detached });
  if (!(await settlesWithin(loading, LOAD_TIMEOUT_MS))) throw new Error(`no result within ${LOAD_TIMEOUT_MS} ms`);
  try {
    const { value, stale } = await loading;
    if (stale) throw new Error('the result depends on a stale value');
    return copyOf(value);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
