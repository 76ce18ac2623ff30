import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveConnection } from './live-connection.js';

/** Bytes a client may leave unread before it is sent nothing more. */
export const PENDING_BYTES_MAX = 64 * 1_024;
/** A client that does not read for longer is cut. */
const TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/**
 * Waits until a client has read most of what it was sent, or is gone.
 * @throws Error when the client reads too little for ten seconds
 */
export async function drained(connection: LiveConnection): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (connection.pendingBytes > PENDING_BYTES_MAX && !connection.isClosed) {
    if (performance.now() > deadline) throw new Error('what was sent is not read');
    await sleep(POLL_MS);
  }
}
