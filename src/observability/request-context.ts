import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const requestIds = new AsyncLocalStorage<string>();

const USABLE_ID = /^[\w.-]{1,64}$/;

/** The id of the current request, if any. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}

/** Runs work outside a request with an id of its own, which its log lines contain. */
export function runWithRequestId<T>(id: string, work: () => T): T {
  return requestIds.run(id, work);
}

/** Uses the caller's `X-Request-Id` if it is well-formed, else generates an id. */
export function makeRequestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && USABLE_ID.test(given) ? given : randomUUID();
}
