import { parse } from 'node:querystring';
import { MAX_VALUES } from './input-bounds.js';

/** Scheme, user information and host of a request target in absolute form (RFC 9112, section 3.2.2). */
const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;
const PRINTABLE_ASCII = /^[!-~]*$/;

/** A request target that is refused, as `isReadableTarget` has it. */
export const UNREADABLE_TARGET = '/%';

/**
 * The address a request is routed by: without scheme and authority, whose user information must not reach the log, and
 * with what cannot be decoded escaped once more. So the request is routed, counted and answered as any other, until
 * `isReadableTarget` refuses it.
 */
export function routableTarget(target: string): string {
  const path = target.replace(AUTHORITY, '');
  const rooted = /^[/*]/.test(path) ? path : `/${path}`;
  return isReadableTarget(rooted) ? rooted : encodeURI(rooted);
}

/** Whether a request target is ASCII whose percent-encoding decodes as UTF-8, query included. */
export function isReadableTarget(target: string): boolean {
  if (!PRINTABLE_ASCII.test(target)) return false;
  if (!target.includes('%')) return true;
  try {
    decodeURIComponent(target);
    return true;
  } catch {
    return false;
  }
}

/**
 * Parses a query no further than is needed to see that it has too many parameters. Empty ones are left out first, since
 * `maxKeys` of Node counts them and drops what comes after.
 */
export function parseQuery(query: string): Record<string, unknown> {
  const parameters = query.split('&').filter((each) => each !== '');
  return parse(parameters.slice(0, MAX_VALUES + 1).join('&'), '&', '=', { maxKeys: 0 });
}
