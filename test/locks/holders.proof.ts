import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { openTill, type Till } from './till.js';

describe('Locks with a killed or paused holder', () => {
  const servers = useServers();
  let client: Redis;
  let module: TestingModule;
  let till: Till;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    client = new Redis(servers.redisUrl);
    ({ module, till } = await openTill(servers));
  });
  servers.beforeDrop(async () => {
    await module.close();
    client.disconnect();
  });
  beforeEach(async () => {
    await till.open();
    await client.del('lock:{till}');
  });
  afterEach(() => Promise.all(children.splice(0).map(end)));

  const end = async (child: ChildProcess) => {
    const ended = child.signalCode === null && child.exitCode === null ? once(child, 'exit') : undefined;
    if (child.connected) child.disconnect();
    child.kill('SIGKILL');
    await ended;
  };

  const hold = async () => {
    const loader = join(import.meta.dirname, '../race/typescript.mjs');
    const child = fork(join(import.meta.dirname, 'holder.ts'), { execArgv: ['--import', loader] });
    children.push(child);
    child.send(servers);
    expect((await once(child, 'message'))[0]).toBe('holds');
    return child;
  };

  it('releases the lock of a killed holder after its TTL', async () => {
    (await hold()).kill('SIGKILL');
    await till.add('the next', () => Promise.resolve());
    expect(await till.read()).toEqual({ amount: 1, holder: 'the next' });
  });

  it('rejects the write of a holder paused beyond its TTL after a write of the next holder', async () => {
    const child = await hold();
    child.kill('SIGSTOP');
    await till.add('the next', () => Promise.resolve());
    child.kill('SIGCONT');
    expect((await once(child, 'message'))[0]).toBe('StaleFenceError');
    expect(await till.read()).toEqual({ amount: 1, holder: 'the next' });
  });

  it('accepts the write of a holder paused beyond its TTL if no other acquired the lock', async () => {
    const child = await hold();
    child.kill('SIGSTOP');
    await until(async () => (await client.exists('lock:{till}')) === 0);
    child.kill('SIGCONT');
    expect((await once(child, 'message'))[0]).toBe('LockLostError');
    expect(await till.read()).toEqual({ amount: 1, holder: 'the child' });
  });
});
