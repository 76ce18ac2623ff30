import { Cluster, Redis, type ClusterOptions, type Command, type RedisOptions } from 'ioredis';
import './client-timers.js';
import { parseRedisAddress, type RedisAddress } from '../config/index.js';
import type { GuardedRole, RedisRole } from './inject-redis.decorator.js';

/** A connection to one server (also the primary behind Sentinel) or to a Cluster. */
export type RedisClient = Redis | Cluster;

/**
 * A command that gets no answer for longer than this fails (nothing else bounds a frozen server). The store is given
 * time for a slow disk, since its failure refuses the request; a cache that is slow is worth nothing.
 */
export const COMMAND_TIMEOUTS_MS: Readonly<Record<GuardedRole, number>> = { store: 1_000, cache: 200 };
const CONNECT_TIMEOUT_MS = 500;
const RECONNECT_DELAY_MAX_MS = 1_000;
/** A connection that is given up is not waited for: the peer may never say goodbye. */
const DISCONNECT_TIMEOUT_MS = 200;
/**
 * A connection on which nobody else bounds the waits is given up when the server owes an answer for so long: longer
 * than a worker waits for a job, so the network has forgotten it.
 */
const SOCKET_TIMEOUT_MS = 12_000;
/** How often a server that loads its data is asked whether it has done so. */
const LOADING_RETRY_MS = 500;
/** So often a Cluster is asked who has which slots: a frozen master says nothing of who took its place. */
const SLOTS_REFRESH_MS = 2_000;
/** Tries more for a command whose slot is moving, or whose node is being connected to. */
const CLUSTER_TRIES = 4;
const CLUSTER_TRY_DELAY_MS = 20;

const reconnectDelayMs = (attempt: number) => Math.min(50 * 2 ** attempt, RECONNECT_DELAY_MAX_MS);
/** A primary that has become a replica still answers; who the primary is now has to be asked anew. */
const isReplica = (error: Error) => error.message.startsWith('READONLY');
const reconnecting = { retryStrategy: reconnectDelayMs, reconnectOnError: isReplica } satisfies RedisOptions;

/** On which callers wait: not on what only waits itself. */
export function isGuarded(role: RedisRole): role is GuardedRole {
  return role in COMMAND_TIMEOUTS_MS;
}

/**
 * Connects without ever making a request wait: no offline queue, few tries a command, every wait bounded. What no
 * request waits for (`subscriber`, `queue`) waits without end instead, and is sent when the server is back.
 * It reconnects by itself for as long as the process lives.
 */
export function createClient(role: RedisRole, url: string): RedisClient {
  const address = parseRedisAddress(url);
  switch (address.shape) {
    case 'standalone':
      return new Redis(address.url, { ...bounds(role), ...reconnecting });
    case 'sentinel':
      return new SentinelRedis(sentinelOptions(role, address));
    case 'cluster':
      return createCluster(role, address);
  }
}

/** The servers that hold keys: the one there is, or the masters of the Cluster. SCAN and the like have to ask each. */
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
  // Who subscribes does so whenever it is ready: ioredis, doing it by itself, would not bear to be refused.
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

function sentinelOptions(role: RedisRole, address: RedisAddress & { readonly shape: 'sentinel' }): RedisOptions {
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
    // Without a number the connection would end for good when all sentinels are away at once.
    sentinelRetryStrategy: reconnectDelayMs,
    // The sentinels tell of a failover: a primary that is frozen or cut off closes no connection by itself.
    failoverDetector: true,
    sentinelReconnectStrategy: () => RECONNECT_DELAY_MAX_MS,
  };
}

/**
 * Connection to the primary that Sentinel names. ioredis 5.11 has two faults at the end of such a connection: it ends
 * for good when a sentinel reports a failover while it asks the sentinels for the primary, and it leaves the
 * connections to the sentinels open when it is closed by QUIT, or before it was established.
 */
class SentinelRedis extends Redis {
  private isClosing = false;
  private wasConnecting = false;
  /** QUIT was sent, and `disconnect` not called after it. */
  private hasQuit = false;

  constructor(options: RedisOptions) {
    super(options);
    this.on('end', () => {
      if (!this.isClosing) setTimeout(() => void this.connect().catch(() => undefined), reconnectDelayMs(0)).unref();
      // A second time only where the first found no connections to sentinels: it starts a timer of 2 s for each.
      else if (this.wasConnecting || this.hasQuit) super.disconnect();
    });
  }

  override disconnect(reconnect = false): void {
    if (this.hasQuit && this.status === 'end') return;
    this.hasQuit = false;
    if (!reconnect) {
      this.wasConnecting ||= this.status === 'connecting';
      this.isClosing = true;
    }
    super.disconnect(reconnect);
  }

  override quit(...args: Parameters<Redis['quit']>): ReturnType<Redis['quit']> {
    this.isClosing = true;
    this.hasQuit = true;
    return super.quit(...args);
  }

  override duplicate(override: RedisOptions = {}): Redis {
    return new SentinelRedis({ ...this.options, ...override });
  }
}

function createCluster(role: RedisRole, address: RedisAddress & { readonly shape: 'cluster' }): Cluster {
  const { username, password, tls } = address;
  const { enableOfflineQueue, ...node } = bounds(role);
  const options: ClusterOptions = {
    redisOptions: { ...node, username, password, ...(tls && { tls: {} }) },
    enableOfflineQueue,
    clusterRetryStrategy: reconnectDelayMs,
    // It asks whichever node, also one that is still being connected to, and then begins anew with all. Each node has a
    // check of its own.
    enableReadyCheck: false,
    // Replicas lag behind: what was evicted on the master would be read from them.
    scaleReads: 'master',
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    maxRedirections: CLUSTER_TRIES,
    retryDelayOnFailover: CLUSTER_TRY_DELAY_MS,
    retryDelayOnTryAgain: CLUSTER_TRY_DELAY_MS,
    // Without a majority nothing gets better within the time a request may wait.
    retryDelayOnClusterDown: 0,
    // The certificates of the nodes are made out to their names.
    ...(tls && { dnsLookup: (name, callback) => callback(null, name) }),
  };
  const cluster = new (isGuarded(role) ? BoundedCluster : Cluster)([...address.nodes], options);
  cluster.on('+node', (node: Redis) => {
    // ioredis connects to a node when the first command needs it, and refuses the others until it has.
    void node.connect().catch(() => undefined);
    // Nor does it look what becomes of an ASKING: that it failed is told by the command behind it.
    node.asking = () => Redis.prototype.asking.call(node).catch(() => 'OK');
  });
  return cluster;
}

/** ioredis' own time limit begins when a command is sent to a node; here it begins when the command is called. */
class BoundedCluster extends Cluster {
  override sendCommand(command: Command, ...rest: unknown[]): unknown {
    command.setTimeout(this.options.redisOptions?.commandTimeout ?? 0);
    return (super.sendCommand as (...args: unknown[]) => unknown).call(this, command, ...rest);
  }
}
