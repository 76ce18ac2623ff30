import { encodeValue } from '../codec/value-codec.js';

/** What a load gave: the value for the caller that started it, and bytes from which those who joined get copies. */
export interface Landing {
  readonly value: unknown;
  readonly bytes: Buffer | undefined;
  readonly outcome: 'MISS' | 'BYPASS' | 'STALE';
}

interface Flight {
  joined: boolean;
  readonly landing: Promise<Landing>;
}

const flights = new Map<string, Flight>();

/**
 * Starts a load, or joins the one with the same token. Tokens, not keys, tell loads apart: who comes after an evict
 * reads another token and never joins a load that began before it.
 */
export async function join(token: string, start: () => Promise<Landing>) {
  const flying = flights.get(token);
  if (flying !== undefined) {
    flying.joined = true;
    return { landing: await flying.landing, joined: true };
  }
  const flight: Flight = { joined: false, landing: land() };
  flights.set(token, flight);
  return { landing: await flight.landing, joined: false };

  async function land(): Promise<Landing> {
    try {
      const landing = await start();
      return landing.bytes === undefined && flight.joined ? { ...landing, bytes: copy(landing.value) } : landing;
    } finally {
      flights.delete(token);
    }
  }
}

function copy(value: unknown): Buffer | undefined {
  try {
    return encodeValue(value);
  } catch {
    return undefined;
  }
}
