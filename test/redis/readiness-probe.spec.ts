import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardedRole } from '../../src/redis/index.js';
import { probedCommands } from '../../src/redis/readiness-probe.js';

/** Names under which classes use a connection. */
const DIRECT = /\bthis\.redis\.([a-z]+)\(/g;
const IN_SCRIPT = /redis\.p?call\('([A-Z]+)'/g;
const INJECTED = /@InjectRedis\('(store|cache|queue)'\)/;
/** Commands sent by every probe itself, which is a script, or not awaited by requests. */
const NOT_PROBED = ['EVAL', 'EVALSHA', 'PUBLISH'];
/** Folders that use the connection of the cache; all others use that of the store. */
const CACHE_FOLDERS = /^(cache|activity\/rankings|notifications\/history)\//;

const roleOf = (file: string): GuardedRole => (CACHE_FOLDERS.test(file) ? 'cache' : 'store');

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('redis/'))
  .map((file) => ({ file, source: readFileSync(join('src', file), 'utf8') }))
  .filter(({ source }) => /RedisClient|LuaScript|_STEPS|redis\.call/.test(source));

describe('the readiness probe', () => {
  it.each([
    ['store', 25],
    ['cache', 12],
  ] as const)('runs exactly the commands that the service sends to the %s', (role, least) => {
    const used = new Set(
      sources
        .filter(({ file }) => roleOf(file) === role)
        .flatMap(({ source }) => [DIRECT, IN_SCRIPT].flatMap((pattern) => [...source.matchAll(pattern)]))
        .map(([, name = '']) => name.toUpperCase())
        .filter((name) => !NOT_PROBED.includes(name)),
    );
    expect(used.size).toBeGreaterThan(least);
    expect(probedCommands(role).sort()).toEqual([...used].sort());
  });

  it('covers each file by the role of its connection', () => {
    for (const { file, source } of sources) {
      const [, injected] = INJECTED.exec(source) ?? [];
      if (injected === undefined) continue;
      expect([file, roleOf(file)]).toEqual([file, injected === 'cache' ? 'cache' : 'store']);
    }
  });
});
