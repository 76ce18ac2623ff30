// npm run bench:cache: our cache beside other ways to keep a value in Redis. `--help` lists the options.
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { PEERS, startPeer, versionsOf } from './cache-peers.mjs';
import { measureEvict, reportEvict } from './figures/evict.mjs';
import { measureHits, reportHits, warmUp } from './figures/hits.mjs';
import { measureMemory, reportMemory } from './figures/memory.mjs';
import { measureStampede, reportStampede } from './figures/stampede.mjs';
import { makePlace } from './place.mjs';
import { PROFILER, profileFile, profileWhile, topOf } from './profile.mjs';
import { chosen, heading } from './report.mjs';
import { startServices } from './services.mjs';

const FIGURES = {
  hits: { measure: measureHits, report: reportHits },
  stampede: { measure: measureStampede, report: reportStampede },
  evict: { measure: measureEvict, report: reportEvict },
  memory: { measure: measureMemory, report: reportMemory },
};
const HELP = `npm run bench:cache -- [options]
  --only a,b        these caches alone: ${Object.keys(PEERS).join(', ')}
  --figures a,b     these figures alone: ${Object.keys(FIGURES).join(', ')}
  --rounds 5        of hits, stampedes and our evicts; the rest takes long and is measured once
  --seconds 3       each measurement of a round
  --keys 1000       among which hits are chosen at random
  --in-flight 64
  --seed 1          of that choice
  --entries 1000000 to evict, and to read through for the figure of memory
  --profile         first prints the functions of ours that take the most time in hits, and keeps the .cpuprofile`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PEERS).join(',') },
    figures: { type: 'string', default: Object.keys(FIGURES).join(',') },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    keys: { type: 'string', default: '1000' },
    'in-flight': { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    entries: { type: 'string', default: '1000000' },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const names = chosen(values.only, PEERS);
const figures = chosen(values.figures, FIGURES);

const place = makePlace();
// Nothing is to be dropped for want of memory: a million entries take about two gigabytes.
const services = await startServices({ maxmemory: 0, 'maxmemory-policy': 'noeviction' });
const redis = new Redis(services.env.REDIS_CACHE_URL);
const settings = {
  names,
  env: { ...services.env, BENCH_PLACE: JSON.stringify(place) },
  redis,
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  keys: Number(values.keys),
  inFlight: Number(values['in-flight']),
  seed: Number(values.seed),
  entries: Number(values.entries),
  titles: Object.fromEntries(Object.entries(PEERS).map(([name, { title }]) => [name, title])),
  log: (line) => console.log(line),
};
try {
  if (values.profile) await printProfile(settings);
  const reports = [];
  for (const figure of figures) {
    await redis.flushall();
    reports.push(FIGURES[figure].report(await FIGURES[figure].measure(settings), settings));
  }
  const bytes = Buffer.byteLength(JSON.stringify(place));
  console.log(`\n${heading(services.redisVersion, versionsOf(names))}`);
  const { keys, seed, rounds, seconds } = settings;
  console.log(`A place of ${bytes} bytes of JSON, ${keys} keys chosen evenly at random, seed ${seed};`);
  console.log(`${rounds} rounds of ${seconds} s. A ratio is the median of the ratios of the rounds.\n`);
  console.log(reports.join('\n\n'));
} finally {
  await redis.quit();
  await services.stop();
}

async function printProfile({ env, keys, inFlight, seconds, seed }) {
  const file = profileFile('cache');
  const ours = await startPeer('ours', { ...env, BENCH_PROFILE: file }, PROFILER);
  try {
    await warmUp(ours, { keys, inFlight, seed });
    await profileWhile(ours.child, () => ours.ask('hits', { keys, inFlight, seconds, seed }));
    console.log(topOf(file, 40));
  } finally {
    await ours.stop();
  }
}
