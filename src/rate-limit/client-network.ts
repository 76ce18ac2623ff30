import { isIPv4, isIPv6 } from 'node:net';

/** Clients without a valid address: a closed connection has none, and a proxy may forward an invalid one. */
const UNKNOWN = 'unknown';

/**
 * Client key for counting requests by address: the IPv4 address itself, or the /64 network of an IPv6 address, because
 * one subscriber holds a whole /64 and could use a new address for each request. An IPv4-mapped IPv6 address, in any
 * notation, counts as its IPv4 address. A port, which some proxies add in `X-Forwarded-For`, is ignored. All invalid
 * addresses count as one client.
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

/** The IPv4 address of an IPv4-mapped IPv6 address (`::ffff:0:0/96`); undefined for any other. */
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
