import { LIMITS, startPeer } from '../cache-peers.mjs';
import { table } from '../report.mjs';

const STEPS = 4;
const IN_FLIGHT = 128;
const MIB = 1024 ** 2;
/** Bytes of heap a key: whoever held as much as a hash of each key would be far above. */
const FLAT = 2;

/** What a process holds after distinct keys were read through it, each a miss that is loaded and cached. */
export async function measureMemory({ names, env, redis, entries, log }) {
  const rows = new Map();
  for (const name of names.filter((each) => each === 'raw' || !LIMITS.includes(each))) {
    await redis.flushall();
    const peer = await startPeer(name, env);
    try {
      // What is compiled or allocated once is there before the first figure.
      await peer.ask('readThrough', { from: 0, to: Math.min(10_000, entries), inFlight: IN_FLIGHT });
      const row = [await peer.ask('memory')];
      for (let step = 0; step < STEPS; step += 1) {
        const [from, to] = [step, step + 1].map((part) => 10_000 + Math.round((part * entries) / STEPS));
        await peer.ask('readThrough', { from, to, inFlight: IN_FLIGHT });
        row.push(await peer.ask('memory'));
      }
      rows.set(name, row);
      log(`memory  ${peer.title.padEnd(34)} heap MiB ${row.map(({ heapUsed }) => mib(heapUsed)).join(' ')}`);
    } finally {
      await peer.stop();
    }
  }
  await redis.flushall();
  return rows;
}

export function reportMemory(rows, { entries, titles }) {
  const lines = [...rows].map(([name, row]) => {
    const growth = (row.at(-1).heapUsed - row[0].heapUsed) / entries;
    const target = name === 'ours' ? ` (target: flat${growth < FLAT ? ', met' : ''})` : '';
    const both = row.map(({ heapUsed, rss }) => `${mib(heapUsed)} / ${(rss / MIB).toFixed(0)}`);
    return [titles[name], ...both, `${growth.toFixed(1)}${target}`];
  });
  const steps = Array.from({ length: STEPS + 1 }, (_, step) => Math.round((step * entries) / STEPS));
  const head = ['cache', ...steps.map((step) => step.toLocaleString('en')), 'bytes of heap a key'];
  return [
    '### Memory of the process after so many distinct keys, MiB of heap used after a collection / resident',
    table(head, lines),
  ].join('\n\n');
}

const mib = (bytes) => (bytes / MIB).toFixed(1);
