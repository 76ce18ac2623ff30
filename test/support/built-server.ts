import { spawn, type ChildProcess } from 'node:child_process';
import { freePort } from '../../scripts/processes.mjs';
import { Api } from './api.js';
import { TEST_JWT_KEYS } from './boot.js';
import { NO_LIMITS } from './app.js';
import { provideDatabase, provideRedis } from './services.js';
import { until } from './until.js';

/** The build (`dist/`) as a process of its own, on a database and Redis of its own. */
export interface BuiltServer {
  readonly api: Api;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly process: ChildProcess;
  /** Output so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface BuiltServerOptions {
  readonly sampleData?: boolean;
  readonly logLevel?: string;
  /** Server whose PostgreSQL and Redis it shares. */
  readonly beside?: BuiltServer;
  /** Settings that differ from those of other tests. */
  readonly env?: Readonly<Record<string, string>>;
}

const START_TIMEOUT_MS = 90_000;

/** Starts `dist/main.js` and waits until it is ready. */
export async function startBuiltServer(options: BuiltServerOptions = {}): Promise<BuiltServer> {
  const [servers, port] = await Promise.all([provideServers(options.beside), freePort()]);
  const env = environment(options, servers, port);
  await ended(spawn(process.execPath, ['dist/migrate.js'], { env, stdio: ['ignore', 'ignore', 'inherit'] }));
  const server = spawn(process.execPath, ['dist/main.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  server.stdout.on('data', (chunk) => (log += String(chunk)));
  const api = new Api(`http://127.0.0.1:${port}`);
  const isReady = () => api.get('//health/ready').then(({ status }) => status === 200, () => false);
  await until(isReady, START_TIMEOUT_MS).catch(async (error: unknown) => {
    server.kill('SIGKILL');
    await ended(server);
    await servers.drop();
    throw error;
  });
  return {
    api,
    databaseUrl: servers.databaseUrl,
    redisUrl: servers.redisUrl,
    process: server,
    log: () => log,
    stop: async () => {
      server.kill('SIGINT');
      await ended(server);
      await servers.drop();
    },
  };
}

function environment(options: BuiltServerOptions, servers: { databaseUrl: string; redisUrl: string }, port: number) {
  return {
    ...process.env,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    REDIS_CACHE_URL: servers.redisUrl.replace(/0$/, '1'),
    ...NO_LIMITS,
    JWT_KEYS: TEST_JWT_KEYS,
    SAMPLE_DATA: options.sampleData === true ? 'on' : 'off',
    LOG_LEVEL: options.logLevel ?? 'warn',
    LOG_FORMAT: 'json',
    ...options.env,
  };
}

async function provideServers(beside: BuiltServer | undefined) {
  if (beside !== undefined) return { ...beside, drop: () => Promise.resolve() };
  const [database, redis] = await Promise.all([provideDatabase(), provideRedis()]);
  const drop = async () => {
    await Promise.all([database.drop(), redis.drop()]);
  };
  return { databaseUrl: database.url, redisUrl: `${redis.url}/0`, drop };
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}
