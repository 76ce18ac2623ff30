import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import { AppError, settlesWithin } from '../../common/index.js';
import { runLoad } from './call-scope.js';
import { copyOf } from './single-flight.js';
import type { LoadRequest, Target } from './load-request.js';

/** The outbox sees to it that every committed evict is carried out within a second; twice that is on the safe side. */
const EVICTION_GRACE_MS = 2_000;

/** A load that takes longer is not waited for any more. */
const LOAD_TIMEOUT_MS = 10_000;

/** A kept value, in a box. */
interface Decoded {
  readonly decoded: unknown;
}

const logger = new Logger('Cache');

/**
 * Now and then checks that a hit gives what its source would give: the method runs again, in the background. What
 * differs may just be changing; it counts as a difference when the same value is kept, and still differs, once evicts
 * have had their time. Such an entry is told of and evicted.
 */
export function verifyHit(request: LoadRequest, target: Target): void {
  const { sampler: sampling } = target.region;
  // Who changes something behind the back of its callers is not to run because somebody read.
  const isPureRead = request.verifiable === true && !request.forceLoad && request.onlyIfAbsent !== true;
  if (!isPureRead || !sampling.shouldSample()) return;
  void sampling.run(() => verify(request, target));
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
    logger.error(`cache '${region.name}': '${key}' is not what its source gives; it is evicted`);
    await region.evict({ key });
  } catch {
    // The source, or the handler of store errors, has failed: nothing is known.
    region.stats.backgroundErrors += 1;
  }
}

/**
 * What is kept, if the source gives something else. It is looked at before the source is asked: what differs was kept
 * when the source had changed already.
 */
async function findDiffering(request: LoadRequest, { region, key }: Target): Promise<Decoded | undefined> {
  const kept = await region.peek(key);
  if (kept === undefined) return undefined;
  const bytes = await loadAgain(request);
  region.stats.checks += 1;
  const now = bytes && region.codec.decode(bytes);
  return now !== undefined && isDeepStrictEqual(kept.decoded, now.decoded) ? undefined : kept;
}

/**
 * A copy of what the source gives; undefined when it has nothing any more, or nothing that could be kept.
 * @throws what else a load throws, or when it takes too long
 */
async function loadAgain(request: LoadRequest): Promise<Buffer | undefined> {
  const loading = runLoad(() => request.load(), { tokens: [], detached: request.detached });
  if (!(await settlesWithin(loading, LOAD_TIMEOUT_MS))) throw new Error(`no answer within ${LOAD_TIMEOUT_MS} ms`);
  try {
    const { value, stale } = await loading;
    if (stale) throw new Error('something past its time went into it');
    return copyOf(value);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
