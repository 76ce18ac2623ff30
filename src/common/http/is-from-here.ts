import type { FastifyRequest } from 'fastify';

/**
 * Whether no other web site made a browser send this, cookies and all. Browsers say where a request comes from, by
 * `Origin` on every POST and by `Sec-Fetch-Site` on every request; what says neither is no browser, and nobody can make
 * it send somebody else's cookie.
 *
 * @param allowedOrigins whose pages count as ours
 */
export function isFromHere({ headers, host }: FastifyRequest, allowedOrigins: readonly string[] = []): boolean {
  const { origin } = headers;
  if (origin !== undefined && allowedOrigins.includes(origin)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
