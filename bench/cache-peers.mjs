import { fork } from 'node:child_process';
import { join } from 'node:path';
import { endChild, own } from './processes.mjs';
import { versionOf } from './report.mjs';

/** What is compared, by the name of its file in `peers/caches/`. */
export const PEERS = {
  ours: { title: 'ours' },
  raw: { title: 'ioredis GET + JSON.parse', packages: ['ioredis'] },
  bare: { title: 'ioredis GET alone', packages: ['ioredis'] },
  script: { title: 'ioredis EVALSHA + JSON.parse', packages: ['ioredis'] },
  'cache-manager': { title: 'cache-manager + @keyv/redis', packages: ['cache-manager', '@keyv/redis'] },
  cacheable: { title: 'cacheable', packages: ['cacheable', '@keyv/redis'] },
  bentocache: { title: 'BentoCache (Redis only)', packages: ['bentocache'] },
  'async-cache-dedupe': { title: 'async-cache-dedupe', packages: ['async-cache-dedupe'] },
  'type-cacheable': {
    title: '@type-cacheable + ioredis adapter',
    packages: ['@type-cacheable/core', '@type-cacheable/ioredis-adapter'],
  },
};

/** Those that are no caches: they say what a round trip costs. */
export const LIMITS = ['raw', 'bare', 'script'];

/** Names and versions of the packages of these peers. */
export function versionsOf(names) {
  const packages = new Set(names.flatMap((name) => PEERS[name].packages ?? []));
  return [...packages].map(versionOf);
}

/** Starts a process with this cache in it. */
export async function startPeer(name, env, nodeOptions = []) {
  const child = own(fork(join(import.meta.dirname, 'peers/cache-process.mjs'), [name], {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv: ['--expose-gc', ...nodeOptions],
  }));
  const waiting = new Map();
  let calls = 0;
  const ready = new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (message === 'ready') return resolve();
      if (typeof message === 'string') return undefined;
      const { id, result, error } = message;
      const { settle, fail } = waiting.get(id);
      waiting.delete(id);
      return error === undefined ? settle(result) : fail(new Error(`${name}: ${error}`));
    });
    child.once('exit', (code) => {
      const error = new Error(`${name} ended with code ${code}`);
      reject(error);
      for (const { fail } of waiting.values()) fail(error);
    });
  });
  await ready;
  const ask = (command, options = {}) =>
    new Promise((settle, fail) => {
      calls += 1;
      waiting.set(calls, { settle, fail });
      child.send({ id: calls, command, options });
    });
  return { name, title: PEERS[name].title, child, ask, stop: () => endChild(child) };
}
