import { isIPv4, isIPv6 } from 'node:net';

/** Clients without an address: a connection that has broken has none any more, and a proxy may tell what is none. */
const UNKNOWN = 'unknown';

/**
 * What stands for a client when requests are counted by address: an IPv4 address itself, the /64 of an IPv6 address,
 * because one subscriber holds a whole /64 and could use a new address for each request. A port, as some proxies write
 * it into `X-Forwarded-For`, makes no difference. Whatever is no address counts as one client.
 *
 * @example clientNetwork('2001:db8:1:2:3:4:5:6') // '2001:db8:1:2::/64'
 * @example clientNetwork('::ffff:192.0.2.7') // '192.0.2.7'
 * @example clientNetwork('203.0.113.9:51234') // '203.0.113.9'
 */
export function clientNetwork(address = ''): string {
  const [, bracketed, dotted] = /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/.exec(address) ?? [];
  const [plain = ''] = (bracketed ?? dotted ?? address).split('%', 1);
  const v4 = plain.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(v4)) return v4;
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 4).join(':')}::/64` : UNKNOWN;
}

/** The eight groups of an IPv6 address, lower case, without leading zeros. */
function groupsOf(address: string): string[] {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::', 2);
  const [first, last] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const [before, after] = [first ?? [], last ?? []];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
