import { Cluster, Redis } from 'ioredis';
import { freePort } from '../../scripts/processes.mjs';
import { provideRedis, type ProvidedServer } from './services.js';
import { until } from './until.js';

const SLOTS = 16_384;

/** Redis Cluster of one suite, which may freeze, stop and restart its nodes. */
export interface ProvidedCluster {
  /** Value for `REDIS_URL`. */
  readonly url: string;
  readonly masters: readonly ProvidedServer[];
  /** One per master, or none. */
  readonly replicas: readonly ProvidedServer[];
  /** A direct connection to each master. */
  readonly connections: readonly Redis[];
  /** Ends all nodes and deletes their data. */
  drop(): Promise<void>;
}

export interface ClusterOptions {
  readonly role?: 'store' | 'cache';
  readonly withReplicas?: boolean;
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Starts a Redis Cluster of three masters with all slots assigned; it tolerates the loss of one. */
export async function provideRedisCluster(options: ClusterOptions = {}): Promise<ProvidedCluster> {
  const count = options.withReplicas === true ? 6 : 3;
  const nodes = await Promise.all(Array.from({ length: count }, () => provideNode(options)));
  const connections = nodes.map((node) => new Redis(node.server.url));
  const drop = async () => {
    for (const connection of connections) connection.disconnect();
    await Promise.all(nodes.map((node) => node.server.drop()));
  };
  try {
    await join(nodes, connections);
  } catch (error) {
    await drop();
    throw error;
  }
  const servers = nodes.map((node) => node.server);
  return {
    url: `redis-cluster://${nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`,
    masters: servers.slice(0, 3),
    replicas: servers.slice(3),
    connections: connections.slice(0, 3),
    drop,
  };
}

/** Client for inspecting a Cluster: sends commands without a key to every master. */
export class WholeCluster extends Cluster {
  constructor(private readonly provided: ProvidedCluster) {
    super(provided.masters.map((master) => master.url));
  }

  override async flushall(): Promise<'OK'> {
    await this.each((master) => master.flushall());
    return 'OK';
  }

  override async config(...args: unknown[]): Promise<unknown> {
    return this.each((master) => master.call('CONFIG', ...(args as string[])));
  }

  override async keys(pattern: string): Promise<string[]> {
    return (await this.each((master) => master.keys(pattern))).flat();
  }

  override async dbsize(): Promise<number> {
    return (await this.each((master) => master.dbsize())).reduce((sum, size) => sum + size);
  }

  override async info(...args: unknown[]): Promise<string> {
    return (await this.each((master) => master.info(String(args[0])))).join('\n');
  }

  private each<T>(command: (master: Redis) => Promise<T>): Promise<T[]> {
    return Promise.all(this.provided.connections.map(command));
  }
}

/** Index of the master that serves the slot of a key. */
export async function masterOf(cluster: ProvidedCluster, key: string): Promise<number> {
  const slot = Number(await cluster.connections[0]?.cluster('KEYSLOT', key));
  return Math.floor((slot * 3) / SLOTS);
}

/**
 * Moves a hash slot and its keys to another master, key by key, as an administrator does.
 *
 * @param meanwhile runs after each key, while keys are on both masters
 */
export async function moveSlot(
  cluster: ProvidedCluster,
  slot: number,
  [from, to]: readonly [number, number],
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const [source, target] = [cluster.connections[from], cluster.connections[to]];
  if (source === undefined || target === undefined) throw new Error('no such master');
  const [sourceId, targetId] = await Promise.all([source.cluster('MYID'), target.cluster('MYID')]);
  await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId);
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId);
  const { hostname, port } = new URL(cluster.masters[to]?.url ?? '');
  for (;;) {
    const [key] = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 1)) as string[];
    if (key === undefined) break;
    await source.call('MIGRATE', hostname, port, key, 0, 5_000);
    await meanwhile();
  }
  for (const node of new Set([target, source, ...cluster.connections])) {
    await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', targetId);
  }
}

interface Node {
  readonly server: ProvidedServer;
  readonly port: number;
  readonly busPort: number;
}

async function provideNode({ role = 'cache', settings = {} }: ClusterOptions): Promise<Node> {
  const busPort = await freePort();
  const server = await provideRedis(role, {
    'cluster-enabled': 'yes',
    'cluster-port': busPort,
    'cluster-config-file': 'nodes.conf',
    'cluster-node-timeout': 1_000,
    'cluster-require-full-coverage': 'no',
    'repl-diskless-sync-delay': 0,
    ...settings,
  });
  return { server, port: Number(new URL(server.url).port), busPort };
}

async function join(nodes: readonly Node[], connections: readonly Redis[]): Promise<void> {
  await Promise.all(connections.map((node, i) => node.cluster('SET-CONFIG-EPOCH', i + 1)));
  await Promise.all(
    connections.slice(0, 3).map((node, i) => {
      const [from, to] = [Math.ceil((i * SLOTS) / 3), Math.ceil(((i + 1) * SLOTS) / 3) - 1];
      return node.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
    }),
  );
  await Promise.all(
    nodes.map(async ({ port, busPort }) => connections[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)),
  );
  await Promise.all(connections.map((node) => until(() => knowsAll(node, nodes.length))));
  const ids = await Promise.all(connections.slice(0, 3).map((node) => node.cluster('MYID')));
  await Promise.all(connections.slice(3).map((node, i) => node.call('CLUSTER', 'REPLICATE', String(ids[i]))));
  await Promise.all(connections.slice(3).map((node) => until(() => followsItsMaster(node))));
}

async function knowsAll(node: Redis, count: number): Promise<boolean> {
  const info = await node.cluster('INFO');
  const expected = ['cluster_state:ok', `cluster_known_nodes:${count}`, 'cluster_size:3'];
  return expected.every((line) => info.includes(`${line}\r`));
}

async function followsItsMaster(node: Redis): Promise<boolean> {
  return (await node.info('replication')).includes('master_link_status:up');
}
