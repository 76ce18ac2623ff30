import type { FastifyRequest } from 'fastify';

/**
 * False for cross-site requests, which a page of another web site makes a browser send, cookies included.
 * Browsers state the origin of a request, by `Origin` on every POST and by `Sec-Fetch-Site` on every request; a client
 * that sends neither is not a browser, and cannot be made to send another user's cookie.
 *
 * @param request with the host that the client requested, as reported by a trusted proxy
 * @param allowedOrigins origins that are treated like the same origin
 */
export function isSameOrigin(
  { headers, host }: Pick<FastifyRequest, 'headers' | 'host'>,
  allowedOrigins: readonly string[] = [],
): boolean {
  const { origin } = headers;
  if (origin !== undefined && allowedOrigins.includes(origin)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || isHost(origin, host);
}

/** Whether an origin has this host; default ports and letter case are ignored. */
function isHost(origin: string, host: string): boolean {
  if (host === '' || !URL.canParse(origin)) return false;
  const { protocol, host: expected } = new URL(origin);
  const url = `${protocol}//${host}`;
  return /^https?:$/.test(protocol) && URL.canParse(url) && new URL(url).host === expected;
}
