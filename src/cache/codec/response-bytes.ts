import { PreparedResponse } from '../../common/index.js';
import { findTypeNamed, findTypeOf } from './cache-type.decorator.js';

const NEW_LINE = 0x0a;
const HEAD = /^([^ ]*) ("[\x21\x23-\x7e]+")$/;
/** Lists of versions that are those of this program. */
const current = new Set(['']);

/**
 * An answer as it is kept: the versions of the classes of the value and of what was made of it (those with
 * `@CacheType`), its entity tag, a new line, its body.
 * @example `cGxhY2U:1,cGxhY2UtZHRv:1 "3-sUaDWGWqsMuQewzb9R34Cs"`, new line, `{"id":1,…}`: names are in base64url
 */
export function encodeResponse(value: unknown, made: object): Buffer {
  const { entityTag, body } = PreparedResponse.of(made);
  const versions = [value, made].flatMap(versionOf).join(',');
  return Buffer.concat([Buffer.from(`${versions} ${entityTag}\n`), body]);
}

/** The answer, whose body is a view of these bytes and no copy; undefined for one of other versions, and for junk. */
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
