import type { FastifyRequest } from 'fastify';

/**
 * Whether no other web site made a browser send this, cookies and all. Browsers say where a request comes from, by
 * `Origin` on every POST and by `Sec-Fetch-Site` on every request; what says neither is no browser, and nobody can make
 * it send somebody else's cookie.
 *
 * @param request with the host that the client asked, as a trusted proxy tells it
 * @param allowedOrigins whose pages count as ours
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

/** Whether an origin has this host: a default port and upper case make no difference. */
function isHost(origin: string, host: string): boolean {
  if (host === '' || !URL.canParse(origin)) return false;
  const { protocol, host: expected } = new URL(origin);
  const url = `${protocol}//${host}`;
  return /^https?:$/.test(protocol) && URL.canParse(url) && new URL(url).host === expected;
}
