import { LIMITS, startPeer } from '../cache-peers.mjs';
import { table } from '../report.mjs';

const PROCESSES = 4;
const CALLERS = 50;
/** How long one load takes: longer than any caller waits who does not mean to wait for all of it. */
const LOAD_MS = 250;
/** Until all processes have the order. */
const NOTICE_MS = 300;

/** How often a value is loaded that 200 callers in four processes ask for at the same moment. */
export async function measureStampede({ names, env, redis, rounds, log }) {
  const rows = new Map();
  for (const name of names.filter((each) => each === 'raw' || !LIMITS.includes(each))) {
    await redis.flushall();
    const herd = await Promise.all(Array.from({ length: PROCESSES }, () => startPeer(name, env)));
    try {
      // The first read of a process connects and compiles; it is of another key.
      await Promise.all(herd.map((peer, index) => peer.ask('loadsOf', { ids: [index + 1] })));
      const row = [];
      for (let round = 1; round <= rounds; round += 1) row.push(await stampede(herd, 1_000 + round));
      rows.set(name, row);
      log(`stampede  ${herd[0].title.padEnd(34)} loads: ${row.join(' ')}`);
    } finally {
      await Promise.all(herd.map((peer) => peer.stop()));
    }
  }
  return rows;
}

export function reportStampede(rows, { titles }) {
  const lines = [...rows].map(([name, row]) => {
    const most = Math.max(...row);
    const target = name === 'ours' ? ` (target 1${most === 1 ? ', met' : ''})` : '';
    return [titles[name], `${most}${target}`, row.join(' ')];
  });
  return [
    `### Stampede: loads of ${LOAD_MS} ms for ${PROCESSES} processes × ${CALLERS} callers on a cold key`,
    table(['cache', 'most loads', 'rounds'], lines),
  ].join('\n\n');
}

async function stampede(herd, key) {
  const order = { key, callers: CALLERS, at: Date.now() + NOTICE_MS, takesMs: LOAD_MS };
  const loads = await Promise.all(herd.map((peer) => peer.ask('herd', order)));
  return loads.reduce((sum, count) => sum + count, 0);
}
