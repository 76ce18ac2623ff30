import type { BreakerState } from './circuit-breaker.js';
import type { RedisRole } from './inject-redis.decorator.js';
import type { RedisClient } from './redis-client.js';

/** How often each has happened to a connection since it was opened. */
export interface ConnectionEvents {
  readonly connect: number;
  readonly ready: number;
  readonly reconnecting: number;
  readonly end: number;
  readonly error: number;
}

/** One connection of a process. */
export interface ConnectionStatus {
  readonly role: RedisRole;
  /** Commands can be sent. */
  readonly isReady: boolean;
  /** Undefined where nobody waits for a command. */
  readonly breaker: BreakerState | undefined;
  readonly events: ConnectionEvents;
}

export const NO_EVENTS: ConnectionEvents = { connect: 0, ready: 0, reconnecting: 0, end: 0, error: 0 };

/** Adds to `events` from now on what happens to a connection. */
export function countEvents(redis: RedisClient, events: { -readonly [E in keyof ConnectionEvents]: number }): void {
  for (const event of Object.keys(events) as (keyof ConnectionEvents)[]) redis.on(event, () => (events[event] += 1));
}
