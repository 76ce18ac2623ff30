import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { settlesWithin, TimeLimit } from './time-limit.js';

/** Blocks the event loop. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('TimeLimit', () => {
  it.each([0, 1, 3, 20, 200])('fires once, after %d ms', async (ms) => {
    const startedAt = performance.now();
    const passed = jest.fn<undefined, [number]>();
    await new Promise<void>((resolve) => {
      new TimeLimit(ms, () => {
        passed(performance.now() - startedAt);
        resolve();
      });
    });
    await sleep(ms);
    expect(passed).toHaveBeenCalledTimes(1);
    expect(passed.mock.calls[0]?.[0]).toBeGreaterThanOrEqual(ms - 4);
  });

  it('does not fire once cancelled, even after a blocked event loop', async () => {
    const passed = jest.fn();
    const limit = new TimeLimit(20, passed);
    setTimeout(() => limit.cancel(), 0);
    block(100);
    await sleep(40);
    expect(passed).not.toHaveBeenCalled();
  });

  it('handles data that has arrived before it fires', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('reply')).listen(0);
    await once(server, 'listening');
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    await once(socket, 'connect');
    const order: string[] = [];
    const both = Promise.all([
      once(socket, 'data').then(() => order.push('reply')),
      new Promise<void>((resolve) => new TimeLimit(40, () => resolve(void order.push('limit')))),
    ]);
    block(100);
    await both;
    expect(order).toEqual(['reply', 'limit']);
    server.close();
  });

  it('counts a blocked event loop as at most a quarter of the limit', async () => {
    const startedAt = performance.now();
    const passed = new Promise<number>((resolve) => {
      new TimeLimit(200, () => resolve(performance.now() - startedAt));
    });
    block(400);
    expect(await passed).toBeGreaterThanOrEqual(400 + 150 - 4);
  });
});

describe('settlesWithin', () => {
  it.each([
    ['work that fulfils', Promise.resolve(1)],
    ['work that rejects', Promise.reject(new Error('failed'))],
  ])('resolves to true for %s', async (_what, work) => {
    expect(await settlesWithin(work, 0)).toBe(true);
  });

  it('resolves to false for endless work', async () => {
    expect(await settlesWithin(new Promise(() => undefined), 10)).toBe(false);
  });

  it('resolves to true for work that ended in time in a blocked process', async () => {
    const work = sleep(5);
    block(50);
    expect(await settlesWithin(work, -20)).toBe(true);
  });
});
