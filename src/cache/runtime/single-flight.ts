import { encodeValue } from '../codec/value-codec.js';

/** Result of a load: the value for the caller that started it, and bytes from which joined callers get copies. */
export interface LoadResult {
  readonly value: unknown;
  readonly bytes: Buffer | undefined;
  readonly outcome: 'MISS' | 'BYPASS' | 'STALE';
}

interface Flight {
  joined: boolean;
  readonly loads: boolean;
  readonly result: Promise<LoadResult>;
  readonly startedAt: number;
}

/**
 * The running loads of one cache in one application. Tokens, not keys, identify them: a caller that arrives after an
 * eviction reads another token and never joins a load that began before it.
 */
export class SingleFlight {
  private readonly byToken = new Map<string, Flight>();

  /**
   * Starts a load, or joins the running one with the same token.
   * @param loads false when `start` only waits for the lease holder; the holder must load, so it does not join that
   */
  join(token: string, loads: boolean, start: () => Promise<LoadResult>): Readonly<Flight> {
    const running = this.byToken.get(token);
    if (running !== undefined && (running.loads || !loads)) {
      running.joined = true;
      return { ...running };
    }
    const run = async (): Promise<LoadResult> => {
      try {
        const result = await start();
        const needsCopy = result.bytes === undefined && flight.joined;
        return needsCopy ? { ...result, bytes: copyOf(result.value) } : result;
      } finally {
        if (this.byToken.get(token) === flight) this.byToken.delete(token);
      }
    };
    const flight: Flight = { joined: false, loads, result: run(), startedAt: performance.now() };
    this.byToken.set(token, flight);
    return { ...flight };
  }
}

/** Encoded copy of a value; undefined if the codec does not support it. */
export function copyOf(value: unknown): Buffer | undefined {
  try {
    return encodeValue(value);
  } catch {
    return undefined;
  }
}
