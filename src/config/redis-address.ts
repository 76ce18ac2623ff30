/** Host and port of a Redis server. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

/** Address of a Redis deployment: standalone, Sentinel or Cluster. */
export type RedisAddress =
  | { readonly topology: 'standalone'; readonly url: string }
  /** The primary reported by the sentinels. User and password are those of the primary. */
  | (Access & {
      readonly topology: 'sentinel';
      readonly sentinels: readonly RedisNode[];
      readonly master: string;
      readonly db: number;
    })
  /** Seed nodes, from which the others are discovered. */
  | (Access & { readonly topology: 'cluster'; readonly nodes: readonly RedisNode[] });

const RULE =
  'must be redis://host:6379/0, redis-sentinel://host1:26379,host2:26379/master or ' +
  'redis-cluster://host1:6379,host2:6379, optionally with user:password@ before the host; ' +
  'rediss://, rediss-sentinel:// and rediss-cluster:// are the same over TLS';

/** Explains how to fix an invalid address. The message never quotes the address, which may contain a password. */
export class InvalidRedisAddressError extends Error {
  constructor(hint: string) {
    super(hint);
    this.name = 'InvalidRedisAddressError';
  }
}

const ADDRESS =
  /^redis(?<tls>s?)(?:-(?<topology>sentinel|cluster))?:\/\/(?:(?<login>[^/]*)@)?(?<hosts>[^/]*)(?:\/(?<path>.*))?$/;
/** Number of a database, optionally with options of ioredis. */
const DATABASE = /^\d{0,5}(?:\?.*)?$/;
const HOST = /^(?<host>\[[\da-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/i;

/**
 * Parses a `redis://`, `redis-sentinel://` or `redis-cluster://` address, or the same over TLS.
 * @throws InvalidRedisAddressError with the expected form
 */
export function parseRedisAddress(text: string): RedisAddress {
  const { tls, topology, login, hosts = '', path = '' } = ADDRESS.exec(text)?.groups ?? reject(RULE);
  if (topology === undefined) {
    // ioredis would use database 0 for a path that is no number.
    return URL.canParse(text) && DATABASE.test(path) ? { topology: 'standalone', url: text } : reject(RULE);
  }
  const access = { ...parseLogin(login), tls: tls === 's' };
  if (topology === 'sentinel') {
    return { topology, ...access, sentinels: parseNodes(hosts, 26_379), ...parseMaster(path) };
  }
  if (path !== '' && path !== '0') reject('must not name a database, since a Cluster has only one; remove the path');
  return { topology: 'cluster', ...access, nodes: parseNodes(hosts, 6_379) };
}

function parseLogin(login = '') {
  const [, username = '', password = ''] = /^([^:]*):?(.*)$/.exec(login) ?? [];
  return { username: decode(username), password: decode(password) };
}

function parseMaster(path: string) {
  const [, master = '', db = '0'] = /^([\w.-]+)(?:\/(\d{1,5}))?$/.exec(path) ?? [];
  if (master === '') {
    reject('must end in the name of the primary, optionally with a database: /mymaster/0');
  }
  return { master, db: Number(db) };
}

function parseNodes(hosts: string, defaultPort: number): RedisNode[] {
  return hosts.split(',').map((each) => {
    const { host = '', port = defaultPort } = HOST.exec(each)?.groups ?? {};
    if (host === '' || Number(port) < 1 || Number(port) > 65_535) {
      reject('must name its hosts as host:port, separated by commas without spaces; a port is 1 to 65535');
    }
    return { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
  });
}

function decode(text: string): string | undefined {
  try {
    return text === '' ? undefined : decodeURIComponent(text);
  } catch {
    return reject('must percent-encode user and password (a % is %25, an @ is %40, a / is %2F)');
  }
}

function reject(hint: string): never {
  throw new InvalidRedisAddressError(hint);
}
