// npm run bench:http: GET /api/v1/places/1 from the cache: ours with everything on, beside three peers on the same
// Redis, in turn. `--help` lists the options.
import { execFile, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { freePort } from '../scripts/processes.mjs';
import { makePlace } from './place.mjs';
import { PROFILER, profileFile, profileWhile, topOf } from './profile.mjs';
import { cpuMicrosOf, endChild, hasEnded, own } from './processes.mjs';
import { chosen, heading, median, ratioOf, table, verdict } from './report.mjs';
import { startServices } from './services.mjs';

const INTERCEPTOR = 'bench/peers/nest-cache-interceptor.mjs';
/** Each with the least ratio of ours to it, where there is a target. */
const SERVERS = {
  ours: { title: 'ours (everything on)', args: ['dist/main.js'], env: { RATE_LIMIT_ANONYMOUS: '1000000000' } },
  uncounted: { title: 'ours without rate limits', args: ['dist/main.js'], env: { RATE_LIMIT_ANONYMOUS: '0' } },
  limit: { title: 'Fastify + one ioredis getBuffer', args: ['bench/peers/fastify-redis.mjs'], atLeast: 0.8 },
  fastify: { title: 'Nest + Fastify + CacheInterceptor', args: [INTERCEPTOR], atLeast: 2.5 },
  express: { title: 'Nest + Express + CacheInterceptor', args: [INTERCEPTOR, 'express'], atLeast: 6 },
};
const WARM_UP_REQUESTS = 5_000;
const HELP = `npm run bench:http -- [options]   (needs wrk: apt-get install wrk)
  --only a,b        these servers alone: ${Object.keys(SERVERS).join(', ')}
  --rounds 5
  --seconds 5       each server in a round
  --connections 64
  --profile         first prints the functions of ours that take the most time, and keeps the .cpuprofile`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(SERVERS).join(',') },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const names = chosen(values.only, SERVERS);
if (!names.includes('ours')) names.unshift('ours');
const profile = profileFile('http');

const services = await startServices();
const servers = [];
try {
  const env = { BENCH_PROFILE: profile };
  const ours = await serve('ours', { env, nodeOptions: values.profile ? PROFILER : [] });
  servers.push(ours);
  await describeAtLength(ours.url);
  const body = await (await fetch(ours.url)).text();
  for (const name of names.slice(1)) servers.push(await serve(name, { env: { BENCH_BODY: body } }));
  await checkAnswers(body);
  for (const { url } of servers) await warmUp(url);
  if (values.profile) await printProfile(ours);
  report(await measure(), body);
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await services.stop();
}

async function serve(name, { env, nodeOptions = [] }) {
  const { title, args, env: ownEnv } = SERVERS[name];
  const port = await freePort();
  const child = own(spawn(process.execPath, [...nodeOptions, ...args], {
    env: {
      ...process.env, NODE_ENV: 'production', ...services.env, ...ownEnv, ...env, PORT: String(port), HOST: '127.0.0.1',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  }));
  const url = `http://127.0.0.1:${port}/api/v1/places/1`;
  while (!(await fetch(url).then((answer) => answer.ok, () => false))) {
    if (hasEnded(child)) throw new Error(`${title} stopped while starting`);
    await pause(50);
  }
  return { name, title, url, child, stop: () => endChild(child) };
}

/** Gives the place the text of the other benchmark, so that both measure about 1.5 kB. */
async function describeAtLength(url) {
  const call = async (path, method, body, headers) => {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const admin = { email: 'admin@ecogreen.example', password: 'green-seoul-demo' };
  const { accessToken } = await call('/api/v1/auth/login', 'POST', admin);
  await call(url, 'PATCH', { description: makePlace().description }, { Authorization: `Bearer ${accessToken}` });
}

/** All give the same bytes, ours from the cache: a fast wrong answer would not count. */
async function checkAnswers(body) {
  for (const { title, url } of servers) {
    const answer = await fetch(url);
    const hit = !title.startsWith('ours') || answer.headers.get('x-cache') === 'HIT';
    if ((await answer.text()) !== body || !hit) throw new Error(`${title} does not give the cached place`);
  }
}

async function printProfile({ child, url }) {
  await profileWhile(child, () => load(url, values.seconds));
  console.log(topOf(profile, 40));
}

async function measure() {
  const rows = new Map(servers.map(({ name }) => [name, { rate: [], p50: [], p99: [], cpu: [] }]));
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const { name, title, url, child } of servers) {
      const cpuBefore = cpuMicrosOf(child.pid);
      const { requests, ...figures } = await load(url, values.seconds);
      figures.cpu = (cpuMicrosOf(child.pid) - cpuBefore) / requests;
      for (const [figure, value] of Object.entries(figures)) rows.get(name)[figure].push(value);
      console.log(`round ${round}  ${title.padEnd(36)} ${figures.rate.toFixed(0).padStart(8)} requests/s   `
        + `CPU ${figures.cpu.toFixed(0)} µs`);
    }
  }
  return rows;
}

/** Until it is compiled, however slow the machine: that depends on the number of requests. */
async function warmUp(url) {
  for (let done = 0, tries = 0; done < WARM_UP_REQUESTS && tries < 5; tries += 1) done += (await load(url, 2)).requests;
}

async function load(url, seconds) {
  const options = ['-t1', `-c${values.connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s', url];
  const { stdout } = await promisify(execFile)('wrk', options).catch((error) => {
    throw error.code === 'ENOENT' ? new Error('wrk is not installed; apt-get install wrk') : error;
  });
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`not every answer was good:\n${stdout}`);
  const time = (part) => {
    const [, value, unit] = new RegExp(`${part}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout) ?? [];
    return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  const figure = (pattern) => Number(pattern.exec(stdout)?.[1]);
  const requests = figure(/(\d+) requests in/);
  return { requests, rate: figure(/Requests\/sec:\s+([\d.]+)/), p50: time(50), p99: time(99) };
}

function report(rows, body) {
  console.log(`\n${heading(services.redisVersion)}`);
  console.log(`wrk -t1 -c${values.connections} -d${values.seconds}s, ${values.rounds} rounds, ours HIT, body `
    + `${Buffer.byteLength(body)} bytes. A ratio is the median of the ratios of the rounds.\n`);
  const lines = [...rows].map(([name, row]) => [
    SERVERS[name].title,
    median(row.rate).toFixed(0),
    verdict(ratioOf(rows.get('ours').rate, row.rate), SERVERS[name]),
    median(row.p50).toFixed(2),
    median(row.p99).toFixed(2),
    median(row.cpu).toFixed(0),
    verdict(ratioOf(rows.get('ours').cpu, row.cpu), {}),
    row.rate.map((rate) => rate.toFixed(0)).join(' '),
  ]);
  const head = ['server', 'median requests/s', 'ours ÷ this', 'p50 ms', 'p99 ms', 'CPU µs a request', 'ours ÷ this'];
  console.log(table([...head, 'requests/s of the rounds'], lines));
}
