import { startPeer } from '../cache-peers.mjs';
import { median, ratioOf, table, verdict } from '../report.mjs';

/** Hits a second with many in flight, and how long one hit takes alone; all peers in turn, round after round. */
export async function measureHits({ names, env, rounds, seconds, keys, inFlight, seed, log }) {
  const peers = [];
  const rows = new Map(names.map((name) => [name, { rate: [], cpu: [], p50: [], p99: [] }]));
  try {
    for (const name of names) peers.push(await startPeer(name, env));
    for (const peer of peers) await warmUp(peer, { keys, inFlight, seed });
    for (let round = 1; round <= rounds; round += 1) {
      for (const peer of peers) {
        const row = rows.get(peer.name);
        const { rate, cpu } = await peer.ask('hits', { keys, seconds, inFlight, seed: seed + round });
        const { p50, p99 } = await peer.ask('latency', { keys, seconds, seed: seed + round });
        row.rate.push(rate);
        row.cpu.push(cpu);
        row.p50.push(p50 * 1000);
        row.p99.push(p99 * 1000);
        const figures = `${rate.toFixed(0).padStart(7)} hits/s   CPU ${cpu.toFixed(1)} µs   p50 ${micros(p50)}`;
        log(`round ${round}  ${peer.title.padEnd(34)} ${figures}`);
      }
    }
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  return rows;
}

export function reportHits(rows, { inFlight, titles }) {
  const ours = rows.get('ours');
  const ratios = (row, figure) => (ours ? ratioOf(ours[figure], row[figure]) : NaN);
  const target = { raw: { rate: 0.95 }, bare: { p50: 1.05 } };
  const hits = [...rows].map(([name, row]) => [
    titles[name],
    median(row.rate).toFixed(0),
    verdict(ratios(row, 'rate'), { atLeast: target[name]?.rate }),
    median(row.cpu).toFixed(1),
    verdict(ratios(row, 'cpu'), {}),
    row.rate.map((rate) => rate.toFixed(0)).join(' '),
  ]);
  const head = ['cache', 'median hits/s', 'ours ÷ this', 'CPU µs a hit', 'ours ÷ this', 'hits/s of the rounds'];
  const times = [...rows].map(([name, row]) => [
    titles[name],
    median(row.p50).toFixed(1),
    median(row.p99).toFixed(1),
    verdict(ratios(row, 'p50'), { atMost: target[name]?.p50 }),
    verdict(ratios(row, 'p99'), {}),
    row.p50.map((time) => time.toFixed(1)).join(' '),
  ]);
  return [
    `### Hits a second, ${inFlight} in flight`,
    table(head, hits),
    '### One hit alone, µs',
    table(['cache', 'p50', 'p99', 'ours ÷ this, p50', 'p99', 'p50 of the rounds'], times),
  ].join('\n\n');
}

/** Fills the cache, checks what it gives, and has it compiled. */
export async function warmUp(peer, { keys, inFlight, seed }) {
  await peer.ask('fill', { keys });
  await peer.ask('hits', { keys, seconds: 1, inFlight, seed });
}

const micros = (ms) => `${(ms * 1000).toFixed(1)} µs`;
