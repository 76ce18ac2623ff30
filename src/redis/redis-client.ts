import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import { parseRedisAddress, type RedisAddress } from '../config/index.js';
import type { GuardedRole, RedisRole } from './inject-redis.decorator.js';
import { BoundedCluster, ignoreAskingErrors, SentinelRedis } from './ioredis-patches.js';

/** A connection to one server (also the primary behind Sentinel) or to a Cluster. */
export type RedisClient = Redis | Cluster;

/**
 * Command timeouts; nothing else bounds the wait for a frozen server. The store is given time for a slow disk, since
 * its failure rejects the request; a slow cache is of no use.
 */
export const COMMAND_TIMEOUTS_MS: Readonly<Record<GuardedRole, number>> = { store: 1_000, cache: 200 };
const CONNECT_TIMEOUT_MS = 500;
const RECONNECT_DELAY_MAX_MS = 1_000;
/** Maximum wait for the peer to close an abandoned connection: it may never do so. */
const DISCONNECT_TIMEOUT_MS = 200;
/**
 * Socket timeout of connections whose waits have no other bound: a connection on which the server owes a reply for this
 * long is closed. It is longer than a worker waits for a job, so the network has lost the connection.
 */
const SOCKET_TIMEOUT_MS = 12_000;
/** Maximum delay before a server that is loading its data is checked again. */
const LOADING_RETRY_MS = 500;
/** Slot-map refresh interval; needed because a frozen master does not redirect to its successor. */
const SLOTS_REFRESH_MS = 2_000;
/** Retries of a command whose slot is moving, or whose node is still connecting. */
const CLUSTER_TRIES = 4;
const CLUSTER_TRY_DELAY_MS = 20;

const reconnectDelayMs = (attempt: number) => Math.min(50 * 2 ** attempt, RECONNECT_DELAY_MAX_MS);
/** A primary that has become a replica still replies; reconnecting looks up the current primary. */
const isReplica = (error: Error) => error.message.startsWith('READONLY');
const reconnecting = { retryStrategy: reconnectDelayMs, reconnectOnError: isReplica } satisfies RedisOptions;

/** Whether callers wait for the commands of a role, so that its waits are bounded and it has a circuit breaker. */
export function isGuarded(role: RedisRole): role is GuardedRole {
  return role in COMMAND_TIMEOUTS_MS;
}

/**
 * Creates a client that never makes a request wait without a bound: no offline queue, few attempts per command, every
 * wait limited. Roles on which no request waits (`subscriber`, `queue`) wait without a limit instead: their commands
 * are queued and sent once the server is available again. The client reconnects by itself for the lifetime of the
 * process.
 */
export function createClient(role: RedisRole, url: string): RedisClient {
  const address = parseRedisAddress(url);
  switch (address.topology) {
    case 'standalone':
      return new Redis(address.url, { ...bounds(role), ...reconnecting });
    case 'sentinel':
      return new SentinelRedis(sentinelOptions(role, address));
    case 'cluster':
      return createCluster(role, address);
  }
}

/**
 * The servers that hold keys: the single server, or the masters of the Cluster. SCAN and similar commands must be sent
 * to each.
 */
export function serversOf(redis: RedisClient): Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis];
}

function bounds(role: RedisRole) {
  const connection = {
    connectionName: `ecogreen:${role}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    maxLoadingRetryTime: LOADING_RETRY_MS,
  } satisfies RedisOptions;
  // Subscribers resubscribe on `ready`: the automatic resubscription of ioredis does not handle a refusal.
  const blockingOptions = { enableOfflineQueue: true, maxRetriesPerRequest: null, autoResubscribe: false };
  if (!isGuarded(role)) return { ...connection, ...blockingOptions, socketTimeout: SOCKET_TIMEOUT_MS };
  return {
    ...connection,
    commandTimeout: COMMAND_TIMEOUTS_MS[role],
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  } satisfies RedisOptions;
}

function sentinelOptions(role: RedisRole, address: RedisAddress & { readonly topology: 'sentinel' }): RedisOptions {
  const { sentinels, master, db, username, password, tls } = address;
  return {
    ...bounds(role),
    ...reconnecting,
    sentinels: [...sentinels],
    name: master,
    db,
    username,
    password,
    ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    // Must return a number: otherwise the client stops reconnecting once all Sentinels are unavailable at the same
    // time.
    sentinelRetryStrategy: reconnectDelayMs,
    // Detects failovers through the Sentinels: a primary that is frozen or cut off does not close its connections.
    failoverDetector: true,
    sentinelReconnectStrategy: () => RECONNECT_DELAY_MAX_MS,
  };
}

function createCluster(role: RedisRole, address: RedisAddress & { readonly topology: 'cluster' }): Cluster {
  const { username, password, tls } = address;
  const { enableOfflineQueue, ...node } = bounds(role);
  const options: ClusterOptions = {
    redisOptions: { ...node, username, password, ...(tls && { tls: {} }) },
    enableOfflineQueue,
    clusterRetryStrategy: reconnectDelayMs,
    // The ready check of the Cluster queries any node, even one that is still connecting, and reconnects to all nodes
    // if that fails. Each node has its own check.
    enableReadyCheck: false,
    // Replicas lag behind: they could return entries that are already evicted on the master.
    scaleReads: 'master',
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    maxRedirections: CLUSTER_TRIES,
    retryDelayOnFailover: CLUSTER_TRY_DELAY_MS,
    retryDelayOnTryAgain: CLUSTER_TRY_DELAY_MS,
    // No retries: a Cluster without a majority does not recover within the time a request may wait.
    retryDelayOnClusterDown: 0,
    // The certificates of the nodes are issued for their names, so names are not resolved to addresses.
    ...(tls && { dnsLookup: (name, callback) => callback(null, name) }),
  };
  const cluster = new (isGuarded(role) ? BoundedCluster : Cluster)([...address.nodes], options);
  cluster.on('+node', (node: Redis) => {
    // Connects now: ioredis would connect on the first command and reject further ones until then.
    void node.connect().catch(() => undefined);
    ignoreAskingErrors(node);
  });
  return cluster;
}
