import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveConnection } from './live-connection.js';

/** Backpressure limit per client, in unread bytes. */
export const PENDING_BYTES_MAX = 64 * 1_024;
/** Drain timeout; a client that does not read for this long is disconnected. */
const TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/**
 * Waits until the client's unread bytes are within `PENDING_BYTES_MAX`, or its connection is closed.
 * @throws Error if the client has not read enough within ten seconds
 */
export async function drained(connection: LiveConnection): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (connection.pendingBytes > PENDING_BYTES_MAX && !connection.isClosed) {
    if (performance.now() > deadline) throw new Error('the client does not read');
    await sleep(POLL_MS);
  }
}
