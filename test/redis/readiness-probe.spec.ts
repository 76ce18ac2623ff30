import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBED_COMMANDS } from '../../src/redis/readiness-probe.js';

/** Connections as their users name them. */
const DIRECT = /\bthis\.redis\.([a-z]+)\(/g;
const IN_SCRIPT = /redis\.p?call\('([A-Z]+)'/g;
/** Sent by every probe itself, which is a script; or nothing that a request waits for. */
const NOT_PROBED = ['EVAL', 'EVALSHA', 'PUBLISH'];

describe('the readiness probe', () => {
  it('runs every command that is sent to Redis, directly or within a script', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => readFileSync(join('src', file), 'utf8'))
      .filter((source) => /RedisClient|LuaScript|_STEPS|redis\.call/.test(source));
    const used = [DIRECT, IN_SCRIPT].flatMap((pattern) =>
      sources.flatMap((source) => [...source.matchAll(pattern)].map(([, name = '']) => name.toUpperCase())),
    );
    expect(used.length).toBeGreaterThan(50);
    expect([...new Set(used)].filter((name) => ![...PROBED_COMMANDS, ...NOT_PROBED].includes(name))).toEqual([]);
  });
});
