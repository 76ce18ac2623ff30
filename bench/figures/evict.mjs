import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS, startPeer } from '../cache-peers.mjs';
import { fillByCopies } from '../fill-by-copies.mjs';
import { table } from '../report.mjs';

/** Where a library does not clear all entries, or not in this time, it is asked again with a tenth of them. */
const TIMEOUT_MS = 120_000;
const BEFORE_MS = 2_000;
/** Shorter than this, and a 99th percentile of reads a millisecond apart would say nothing. */
const AT_LEAST_MS = 1_000;

/**
 * Evicts everything, while another client reads a key of its own every millisecond; ours once a round, since one pause
 * of the machine is longer than its eviction.
 */
export async function measureEvict({ names, env, redis, rounds, entries, log }) {
  const rows = [];
  const libraries = names.filter((each) => !LIMITS.includes(each)).map((name) => ({ name, byHand: false }));
  if (names.includes('ours')) libraries.push({ name: 'ours', byHand: true });
  for (const { name, byHand } of libraries) {
    const count = entries;
    const tried = [];
    for (let round = 1; round <= (name === 'ours' ? rounds : 1); round += 1) {
      tried.push(await tryToEvict(name, { env, redis, count, byHand }));
    }
    rows.push({ name, byHand, tried });
    const fewer = entries / 10;
    if (tried[0].failed) rows.push({ name, tried: [await tryToEvict(name, { env, redis, count: fewer })] });
  }
  await redis.flushall();
  for (const { name, tried } of rows) log(`evict  ${name.padEnd(20)} ${tried[0].count} entries: ${times(tried)}`);
  return rows;
}

export function reportEvict(rows, { titles }) {
  const lines = rows.map(({ name, byHand, tried }) => {
    const { count, ms, failed, before, during } = tried.toSorted((a, b) => a.ms - b.ms)[Math.floor(tried.length / 2)];
    const way = byHand ? 'by CacheManager' : '@CacheEvict, with its outbox row';
    const title = name === 'ours' ? `ours, ${way}` : titles[name];
    const what = [title, count.toLocaleString('en')];
    if (failed !== undefined) return [...what, failed, '', '', '', ''];
    const target = name === 'ours' ? ` (target < 5${ms < 5 ? ', met' : ''})` : '';
    const share = (figure) => `${before[figure].toFixed(2)} → ${during[figure].toFixed(2)}`;
    return [...what, `${ms.toFixed(2)}${target}`, share('p50'), share('p99'), during.max.toFixed(1), times(tried)];
  });
  const others = ['p50 of others, ms', 'p99 of others', 'longest meanwhile'];
  return [
    '### Evict everything; GETs of another client before → meanwhile (target: p99 unchanged)',
    table(['cache', 'entries', 'evicted in ms', ...others, 'rounds'], lines),
  ].join('\n\n');
}

const times = (tried) => tried.map(({ ms, failed }) => failed ?? ms.toFixed(2)).join(' ');

async function tryToEvict(name, { env, redis, count, byHand = false }) {
  await redis.flushall();
  const peer = await startPeer(name, env);
  const other = await startPeer('bare', env);
  try {
    // Nobody's first call is measured: it connects and compiles.
    await peer.ask('clear', { byHand });
    const sample = await fillByCopies({ redis, peer, count });
    await other.ask('loadsOf', { ids: [1] });
    const before = await other.ask('watch', { key: 1, atLeastMs: BEFORE_MS });
    const watching = other.ask('watch', { key: 1, untilStopped: true, atLeastMs: AT_LEAST_MS });
    await pause(50);
    const failed = pause(TIMEOUT_MS, 'not within two minutes', { ref: false });
    const ms = await Promise.race([peer.ask('clear', { byHand }).catch((error) => error.message), failed]);
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
