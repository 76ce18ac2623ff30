import { isIPv6 } from 'node:net';

/** Those whose connection has broken before anybody asked for their address: Node does not know it any more. */
const UNKNOWN = 'unknown';

/**
 * What stands for a client when requests are counted by address: an IPv4 address itself, the /64 of an IPv6 address,
 * because one subscriber holds a whole /64 and could use a new address for each request.
 *
 * @example clientNetwork('2001:db8:1:2:3:4:5:6') // '2001:db8:1:2::/64'
 * @example clientNetwork('::ffff:192.0.2.7') // '192.0.2.7'
 */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return UNKNOWN;
  const [plain = ''] = address.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 4).join(':')}::/64` : plain;
}

/** The eight groups of an IPv6 address, lower case, without leading zeros. */
function groupsOf(address: string): string[] {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::', 2);
  const [first, last] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const [before, after] = [first ?? [], last ?? []];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
