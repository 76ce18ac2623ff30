import { parse } from 'node:querystring';
import { MAX_VALUES } from './input-bounds.js';

/** Scheme, user information and host of a request target in absolute form (RFC 9112, section 3.2.2). */
const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;
const PRINTABLE_ASCII = /^[!-~]*$/;

/** A request target that `isReadableTarget` rejects. */
export const UNREADABLE_TARGET = '/%';

/**
 * The request target used for routing: without scheme and authority, whose user information must not be logged, and
 * escaped once more if it cannot be decoded. The request is thus routed, counted and handled like any other, until
 * `isReadableTarget` rejects its original target.
 */
export function routableTarget(target: string): string {
  const path = target.replace(AUTHORITY, '');
  const rooted = /^[/*]/.test(path) ? path : `/${path}`;
  return isReadableTarget(rooted) ? rooted : encodeURI(rooted);
}

/** Whether a request target, query included, is ASCII and its percent-encoding decodes as UTF-8. */
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
 * Parses a query only as far as needed to detect too many parameters. Empty ones are removed first, since Node's
 * `maxKeys` counts them and drops the parameters after the limit.
 */
export function parseQuery(query: string): Record<string, unknown> {
  const parameters = query.split('&').filter((each) => each !== '');
  return parse(parameters.slice(0, MAX_VALUES + 1).join('&'), '&', '=', { maxKeys: 0 });
}
