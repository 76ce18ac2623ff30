import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { endProcess, sendSignal } from '../../scripts/processes.mjs';
import { findRedis } from '../../scripts/redis.mjs';
import { provideRedis, provideServer, type ProvidedServer } from './services.js';
import { until } from './until.js';

/** A primary, its replica, and a sentinel that promotes the replica if the primary is unavailable for a second. */
export interface ProvidedSentinel {
  /** Value for `REDIS_URL`. */
  readonly url: string;
  readonly primary: ProvidedServer;
  readonly replica: ProvidedServer;
  readonly sentinel: ProvidedServer;
  drop(): Promise<void>;
}

export async function provideRedisSentinel(): Promise<ProvidedSentinel> {
  const primary = await provideRedis('cache', { 'repl-diskless-sync-delay': 0 });
  const { port } = new URL(primary.url);
  const replica = await provideRedis('cache', { replicaof: `127.0.0.1 ${port}` });
  const sentinel = await provideSentinel(Number(port));
  const servers = [sentinel, replica, primary];
  await untilServer(replica.url, async (redis) => (await redis.info('replication')).includes('master_link_status:up'));
  await untilServer(sentinel.url, async (redis) => {
    const replicas = (await redis.call('SENTINEL', 'REPLICAS', 'eco')) as unknown[];
    return replicas.length === 1;
  });
  return {
    url: `redis-sentinel://127.0.0.1:${new URL(sentinel.url).port}/eco/0`,
    primary,
    replica,
    sentinel,
    drop: async () => {
      await Promise.all(servers.map((server) => server.drop()));
    },
  };
}

/** Waits until the server is the primary. */
export async function promoted(server: ProvidedServer): Promise<void> {
  await untilServer(server.url, async (redis) => (await redis.info('replication')).includes('role:master'));
}

async function untilServer(url: string, holds: (redis: Redis) => Promise<boolean>): Promise<void> {
  const redis = new Redis(url);
  try {
    await until(() => holds(redis), 15_000);
  } finally {
    redis.disconnect();
  }
}

function provideSentinel(primaryPort: number): Promise<ProvidedServer> {
  return provideServer('sentinel', {
    start: (directory, port) => startSentinel(directory, port, primaryPort),
    signal: (pid, signal) => sendSignal(pid, signal),
    urlOf: (port) => `redis://127.0.0.1:${port}`,
  });
}

async function startSentinel(directory: string, port: number, primaryPort: number) {
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir "${directory}"`,
    `logfile "${directory}/sentinel.log"`,
    `sentinel monitor eco 127.0.0.1 ${primaryPort} 1`,
    'sentinel down-after-milliseconds eco 1000',
    'sentinel failover-timeout eco 3000',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn(String(findRedis()), [file, '--sentinel'], { detached: true, stdio: 'ignore' });
  child.unref();
  const pid = Number(child.pid);
  return { pid, stop: () => endProcess(pid, 'SIGTERM', 30_000) };
}
