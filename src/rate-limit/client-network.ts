import { isIPv4, isIPv6 } from 'node:net';

/** Clients without an address: a connection that has broken has none any more, and a proxy may tell what is none. */
const UNKNOWN = 'unknown';

/**
 * What stands for a client when requests are counted by address: an IPv4 address itself, the /64 of an IPv6 address,
 * because one subscriber holds a whole /64 and could use a new address for each request. An IPv4 address mapped into
 * IPv6 is that IPv4 address, however it is spelled. A port, as some proxies write
 * it into `X-Forwarded-For`, makes no difference. Whatever is no address counts as one client.
 *
 * @example clientNetwork('2001:db8:1:2:3:4:5:6') // '2001:db8:1:2::/64'
 * @example clientNetwork('::ffff:192.0.2.7') // '192.0.2.7'
 * @example clientNetwork('0:0:0:0:0:ffff:c000:207') // '192.0.2.7'
 * @example clientNetwork('203.0.113.9:51234') // '203.0.113.9'
 */
export function clientNetwork(address = ''): string {
  const [, bracketed, dotted] = /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/.exec(address) ?? [];
  const [plain = ''] = (bracketed ?? dotted ?? address).split('%', 1);
  if (isIPv4(plain)) return plain;
  if (!isIPv6(plain)) return UNKNOWN;
  const groups = groupsOf(plain);
  return mappedIPv4(groups) ?? `${groups.slice(0, 4).join(':')}::/64`;
}

/** The IPv4 address in `::ffff:0:0/96`. */
function mappedIPv4(groups: readonly string[]): string | undefined {
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return undefined;
  const bytes = groups.slice(6).map((group) => parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]);
  return bytes.join('.');
}

/** The eight groups of an IPv6 address, lower case, without leading zeros. */
function groupsOf(address: string): string[] {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::', 2);
  const [first, last] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const [before, after] = [first ?? [], last ?? []];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
