import type { BreakerState } from './circuit-breaker.js';
import type { RedisRole } from './inject-redis.decorator.js';
import type { RedisClient } from './redis-client.js';

/** Number of occurrences of each event since the connection was opened. */
export interface ConnectionEvents {
  readonly connect: number;
  readonly ready: number;
  readonly reconnecting: number;
  readonly end: number;
  readonly error: number;
}

/** Status of one connection of the process. */
export interface ConnectionStatus {
  readonly role: RedisRole;
  /** Whether commands can be sent. */
  readonly isReady: boolean;
  /** Undefined for roles on which no caller waits. */
  readonly breaker: BreakerState | undefined;
  readonly events: ConnectionEvents;
}

export const NO_EVENTS: ConnectionEvents = { connect: 0, ready: 0, reconnecting: 0, end: 0, error: 0 };

/** Counts the events of a connection in `events` from now on. */
export function countEvents(redis: RedisClient, events: { -readonly [E in keyof ConnectionEvents]: number }): void {
  for (const event of Object.keys(events) as (keyof ConnectionEvents)[]) redis.on(event, () => (events[event] += 1));
}
