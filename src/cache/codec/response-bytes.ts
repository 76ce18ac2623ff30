import { PreparedResponse } from '../../common/index.js';
import { findTypeNamed, findTypeOf } from './cache-type.decorator.js';

const NEW_LINE = 0x0a;
const HEAD = /^([^ ]*) ("[\x21\x23-\x7e]+")$/;
/** Version lists that match the classes of this release. */
const current = new Set(['']);

/**
 * Encodes a response for storage: versions of the classes of the value and of its response body (those with
 * `@CacheType`), entity tag, newline, body.
 * @example `cGxhY2U:1,cGxhY2UtZHRv:1 "3-sUaDWGWqsMuQewzb9R34Cs"`, newline, `{"id":1,…}`: class names are
 * base64url-encoded
 */
export function encodeResponse(value: unknown, made: object): Buffer {
  const { entityTag, body } = PreparedResponse.of(made);
  const versions = [value, made].flatMap(versionOf).join(',');
  return Buffer.concat([Buffer.from(`${versions} ${entityTag}\n`), body]);
}

/**
 * Decodes a response; its body is a view of these bytes, not a copy. Undefined for other versions and malformed bytes.
 */
export function decodeResponse(bytes: Buffer): PreparedResponse | undefined {
  const end = bytes.indexOf(NEW_LINE);
  const [, versions, entityTag] = HEAD.exec(bytes.toString('latin1', 0, Math.max(end, 0))) ?? [];
  if (versions === undefined || entityTag === undefined || !isCurrent(versions)) return undefined;
  return new PreparedResponse(bytes.subarray(end + 1), entityTag);
}

function versionOf(made: unknown): string[] {
  if (typeof made !== 'object' || made === null) return [];
  const type = findTypeOf(Object.getPrototypeOf(made) as object);
  return type === undefined ? [] : [`${Buffer.from(type.name).toString('base64url')}:${type.version}`];
}

function isCurrent(versions: string): boolean {
  if (current.has(versions)) return true;
  const isOurs = versions.split(',').every((each) => {
    const [name = '', version] = each.split(':');
    const type = findTypeNamed(Buffer.from(name, 'base64url').toString());
    return String(type?.version) === version;
  });
  if (isOurs) current.add(versions);
  return isOurs;
}
