import { spawn } from 'node:child_process';
import { freePort } from '../../scripts/processes.mjs';
import { Api } from './api.js';
import { provideDatabase, provideRedis } from './services.js';
import { until } from './until.js';

/** The build (`dist/`) as a process of its own, on a database and Redis of its own. */
export interface BuiltServer {
  readonly api: Api;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Everything it has written to its log so far. */
  log(): string;
  stop(): Promise<void>;
}

const SLOW_START_MS = 30_000;

/** Starts `dist/main.js`, the sample data loaded when `sampleData` says so, and waits until it is ready. */
export async function startBuiltServer({ sampleData = false, logLevel = 'warn' } = {}): Promise<BuiltServer> {
  const [database, redis, port] = await Promise.all([provideDatabase(), provideRedis(), freePort()]);
  const env = {
    ...process.env,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    REDIS_URL: `${redis.url}/0`,
    REDIS_CACHE_URL: `${redis.url}/1`,
    JWT_KEYS: 'only-for-tests-0123456789-0123456789',
    SAMPLE_DATA: sampleData ? 'on' : 'off',
    LOG_LEVEL: logLevel,
    LOG_FORMAT: 'json',
  };
  await ended(spawn(process.execPath, ['dist/migrate.js'], { env, stdio: ['ignore', 'ignore', 'inherit'] }));
  const server = spawn(process.execPath, ['dist/main.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  server.stdout.on('data', (chunk) => (log += String(chunk)));
  const api = new Api(`http://127.0.0.1:${port}`);
  await until(() => api.get('//health/ready').then((answer) => answer.status === 200, () => false), SLOW_START_MS);
  return {
    api,
    databaseUrl: database.url,
    redisUrl: `${redis.url}/0`,
    log: () => log,
    stop: async () => {
      server.kill('SIGTERM');
      await ended(server);
      await Promise.all([database.drop(), redis.drop()]);
    },
  };
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}
