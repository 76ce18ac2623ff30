// A process with one cache in it, controlled over IPC: `fork('cache-process.mjs', [name])`.
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { SeededRandom } from '../../dist/sample-data/random.js';

const place = JSON.parse(process.env.BENCH_PLACE ?? '{}');
let loads = 0;
let loadMs = 0;
let stopped = true;
const load = async (id) => {
  loads += 1;
  if (loadMs > 0) await pause(loadMs);
  return { ...place, id };
};
const { open } = await import(`./caches/${process.argv[2]}.mjs`);
const cache = await open({ url: process.env.REDIS_CACHE_URL, load });

const commands = { fill, hits, latency, herd, loadsOf, readThrough, clear, memory, watch, stop };
process.on('message', (message) => {
  if (typeof message === 'string') return;
  const { id, command, options } = message;
  const reply = (answer) => process.send?.({ id, ...answer });
  commands[command](options).then((result) => reply({ result }), (error) => reply({ error: String(error) }));
});
process.send?.('ready');

/** Keeps every place; the second reading must find each, as it is. */
async function fill({ keys }) {
  for (let id = 1; id <= keys; id += 1) await cache.read(id);
  loads = 0;
  for (let id = 1; id <= keys; id += 1) {
    const found = await cache.read(id);
    // As JSON: one of them makes dates of texts that look like dates.
    const value = JSON.parse(typeof found === 'string' ? found : JSON.stringify(found));
    if (!isDeepStrictEqual(value, { ...place, id })) throw new Error(`not the place ${id}: ${JSON.stringify(value)}`);
  }
  if (loads > 0) throw new Error(`${loads} of ${keys} places were not cached`);
}

/** Hits a second, and microseconds of this process's CPU time a hit. */
async function hits({ keys, seconds, inFlight, seed }) {
  const random = new SeededRandom(seed);
  loads = 0;
  let reads = 0;
  const [begin, cpuBefore] = [performance.now(), process.cpuUsage()];
  const end = begin + seconds * 1000;
  const caller = async () => {
    while (performance.now() < end) {
      await cache.read(random.integer(1, keys));
      reads += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  if (loads > 0) throw new Error(`${loads} reads were no hits`);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { rate: reads / ((performance.now() - begin) / 1000), cpu: (user + system) / reads };
}

/** Milliseconds of each hit, one after the other. */
async function latency({ keys, seconds, seed }) {
  const random = new SeededRandom(seed);
  const times = [];
  loads = 0;
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const id = random.integer(1, keys);
    const begin = performance.now();
    await cache.read(id);
    times.push(performance.now() - begin);
  }
  if (loads > 0) throw new Error(`${loads} reads were no hits`);
  return spread(times);
}

/** Callers who all ask for one key at the given moment. */
async function herd({ key, callers, at, takesMs }) {
  loads = 0;
  loadMs = takesMs;
  await pause(Math.max(0, at - Date.now()));
  await Promise.all(Array.from({ length: callers }, () => cache.read(key)));
  loadMs = 0;
  return loads;
}

/** How many of these keys had to be loaded. */
async function loadsOf({ ids }) {
  loads = 0;
  for (const id of ids) await cache.read(id);
  return loads;
}

async function readThrough({ from, to, inFlight }) {
  let id = from;
  const caller = async () => {
    while (id < to) await cache.read(id++);
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
}

/** Milliseconds until everything is evicted. */
async function clear({ byHand }) {
  const begin = performance.now();
  await (byHand ? cache.clearByHand() : cache.clear());
  return performance.now() - begin;
}

async function memory() {
  for (let pass = 0; pass < 4; pass += 1) {
    await pause(50);
    globalThis.gc?.();
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heapUsed, rss };
}

/** Reads one key a millisecond, whether or not the last one has come, for at least `atLeastMs` and until `stop`. */
async function watch({ key, untilStopped, atLeastMs }) {
  const begin = performance.now();
  const times = [];
  const reads = [];
  stopped = !untilStopped;
  while (!stopped || performance.now() - begin < atLeastMs) {
    const asked = performance.now();
    reads.push(cache.read(key).then(() => times.push(performance.now() - asked)));
    await pause(1);
  }
  await Promise.all(reads);
  return spread(times);
}

async function stop() {
  stopped = true;
}

function spread(times) {
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  return { count: times.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
