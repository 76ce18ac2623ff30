import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS, startPeer } from '../cache-peers.mjs';
import { fillByCopies } from '../fill-by-copies.mjs';
import { table } from '../report.mjs';

/** Where a library does not clear all entries, or not in this time, it is asked again with a tenth of them. */
const PATIENCE_MS = 120_000;
const BEFORE_MS = 2_000;
/** Shorter than this, and a 99th percentile of reads a millisecond apart would say nothing. */
const AT_LEAST_MS = 1_000;

/** Evicts everything, while another client reads a key of its own every millisecond. */
export async function measureEvict({ names, env, redis, entries, tell }) {
  const rows = new Map();
  for (const name of names.filter((each) => !LIMITS.includes(each))) {
    const tried = [await tryToEvict(name, { env, redis, entries })];
    if (tried[0].failed !== undefined) tried.push(await tryToEvict(name, { env, redis, entries: entries / 10 }));
    rows.set(name, tried);
    for (const { count, ms, failed } of tried) {
      tell(`evict  ${name.padEnd(20)} ${count} entries: ${failed ?? `${ms.toFixed(2)} ms`}`);
    }
  }
  await redis.flushall();
  return rows;
}

export function reportEvict(rows, { titles }) {
  const lines = [...rows].flatMap(([name, tried]) =>
    tried.map(({ count, ms, failed, before, during }) => {
      const target = name === 'ours' ? ` (target < 5${ms < 5 ? ', met' : ''})` : '';
      const share = (figure) => `${before[figure].toFixed(2)} → ${during[figure].toFixed(2)}`;
      const others = during === undefined ? ['', '', ''] : [share('p50'), share('p99'), during.max.toFixed(1)];
      return [titles[name], count.toLocaleString('en'), failed ?? `${ms.toFixed(2)}${target}`, ...others];
    }),
  );
  const head = ['cache', 'entries', 'evicted in ms', 'p50 of others, ms', 'p99 of others', 'longest meanwhile'];
  return [
    '### Evict everything; GETs of another client before → meanwhile (target: p99 unchanged)',
    table(head, lines),
  ].join('\n\n');
}

async function tryToEvict(name, { env, redis, entries: count }) {
  await redis.flushall();
  const peer = await startPeer(name, env);
  const other = await startPeer('bare', env);
  try {
    // Nobody's first call is measured: it connects and compiles.
    await peer.ask('clear');
    const sample = await fillByCopies({ redis, peer, count });
    await other.ask('loadsOf', { ids: [1] });
    const before = await other.ask('watch', { key: 1, atLeastMs: BEFORE_MS });
    const watching = other.ask('watch', { key: 1, untilStopped: true, atLeastMs: AT_LEAST_MS });
    await pause(50);
    const failed = pause(PATIENCE_MS, 'not within two minutes', { ref: false });
    const ms = await Promise.race([peer.ask('clear').catch((error) => error.message), failed]);
    await other.ask('stop');
    const during = await watching;
    if (typeof ms === 'string') return { count, failed: ms };
    const loads = await peer.ask('loadsOf', { ids: sample });
    if (loads < sample.length) return { count, failed: `${sample.length - loads} of ${sample.length} still there` };
    return { count, ms, before, during };
  } finally {
    await Promise.all([peer.stop(), other.stop()]);
  }
}
