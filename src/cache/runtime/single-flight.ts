import { encodeValue } from '../codec/value-codec.js';

/** What a load gave: the value for the caller that started it, and bytes from which those who joined get copies. */
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
 * The loads under way in one cache of one application. Tokens, not keys, tell them apart: who comes after an evict
 * reads another token, and never joins a load that began before it.
 */
export class SingleFlight {
  private readonly byToken = new Map<string, Flight>();

  /**
   * Starts a load, or joins the one with the same token.
   * @param loads false when it only waits for the holder of the token: that one does not join, since nobody would load
   */
  join(token: string, loads: boolean, start: () => Promise<LoadResult>): Readonly<Flight> {
    const flying = this.byToken.get(token);
    if (flying !== undefined && (flying.loads || !loads)) {
      flying.joined = true;
      return { ...flying };
    }
    const land = async (): Promise<LoadResult> => {
      try {
        const landing = await start();
        const needsCopy = landing.bytes === undefined && flight.joined;
        return needsCopy ? { ...landing, bytes: copyOf(landing.value) } : landing;
      } finally {
        if (this.byToken.get(token) === flight) this.byToken.delete(token);
      }
    };
    const flight: Flight = { joined: false, loads, result: land(), startedAt: performance.now() };
    this.byToken.set(token, flight);
    return { ...flight };
  }
}

/** Undefined for what the codec does not know. */
export function copyOf(value: unknown): Buffer | undefined {
  try {
    return encodeValue(value);
  } catch {
    return undefined;
  }
}
