/** @typedef {{ host: string, port: number }} Address */

const ADDRESS = /^rediss?(?:-(?<topology>sentinel|cluster))?:\/\/(?:[^/]*@)?(?<hosts>[^/]*)(?:\/.*)?$/;
const HOST = /^(?<host>\[[\da-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/i;

/** What an address of Redis looks like. */
export const redisAddressForms =
  'redis://host:6379, redis-sentinel://host1:26379,host2:26379/mymaster or redis-cluster://host1:6379,host2:6379, ' +
  'or the same with rediss';

/**
 * The servers that an address names, in the spellings of src/config/redis-address.ts, which reads the rest of it when
 * the API starts: one, the sentinels, or some nodes of a Cluster.
 *
 * @param {string} text
 * @returns {Address[] | undefined} undefined when it is none
 */
export function redisServers(text) {
  const { topology, hosts } = ADDRESS.exec(text)?.groups ?? {};
  if (hosts === undefined) return undefined;
  if (topology === undefined) return oneServer(text);
  const servers = hosts.split(',').map((each) => serverOf(each, topology === 'sentinel' ? 26379 : 6379));
  return servers.every((server) => server !== undefined) ? servers : undefined;
}

/** @param {string} text */
function oneServer(text) {
  if (!URL.canParse(text)) return undefined;
  const { hostname, port } = new URL(text);
  return [{ host: hostname.replaceAll(/[[\]]/g, '') || '127.0.0.1', port: Number(port || 6379) }];
}

/**
 * @param {string} text
 * @param {number} defaultPort
 * @returns {Address | undefined}
 */
function serverOf(text, defaultPort) {
  const { host = '', port = defaultPort } = HOST.exec(text)?.groups ?? {};
  if (host === '' || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}
