// npm run bench:http -- [--rounds 5] [--seconds 5] [--connections 64]
// GET /api/v1/places/1 from the cache: ours with everything on, beside two peers on the same Redis, in turn.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../scripts/processes.mjs';
import { median } from './report.mjs';
import { startServices } from './services.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('npm run bench:http -- [--rounds 5] [--seconds 5] [--connections 64]   (needs wrk: apt-get install wrk)');
  process.exit(0);
}

const OURS = 'ours (everything on)';
const LIMIT = 'Fastify + one ioredis getBuffer';
const INTERCEPTOR = 'Nest + Fastify + CacheInterceptor';

const services = await startServices();
const servers = [];
try {
  const ours = await serve(OURS, 'dist/main.js', {});
  const body = await (await fetch(`${ours.url}/api/v1/places/1`)).text();
  const peers = { BENCH_BODY: body };
  servers.push(ours);
  servers.push(await serve(LIMIT, 'bench/peers/fastify-redis.mjs', peers));
  servers.push(await serve(INTERCEPTOR, 'bench/peers/nest-cache-interceptor.mjs', peers));
  await checkAnswers(body);
  const rates = await measure();
  report(rates, body);
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await services.stop();
}

async function serve(name, file, env) {
  const port = await freePort();
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, NODE_ENV: 'production', ...services.env, ...env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/api/v1/places/1`).then((answer) => answer.ok, () => false))) {
    if (child.exitCode !== null) throw new Error(`${name} stopped with code ${child.exitCode}`);
    await pause(50);
  }
  return { name, url, stop: () => Promise.all([once(child, 'exit'), child.kill()]) };
}

/** All three give the same place, ours from the cache: a fast wrong answer would not count. */
async function checkAnswers(body) {
  for (const { name, url } of servers) {
    const answer = await fetch(`${url}/api/v1/places/1`);
    const same = JSON.stringify(await answer.json()) === JSON.stringify(JSON.parse(body));
    const hit = name !== OURS || answer.headers.get('x-cache') === 'HIT';
    if (!same || !hit) throw new Error(`${name} does not give the cached place`);
  }
}

async function measure() {
  const rates = new Map(servers.map(({ name }) => [name, []]));
  for (const server of servers) load(server.url, 2);
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const { name, url } of servers) {
      const rate = load(url, values.seconds);
      rates.get(name).push(rate);
      console.log(`round ${round}  ${name.padEnd(36)} ${rate.toFixed(0).padStart(8)} requests/s`);
    }
  }
  return rates;
}

function load(url, seconds) {
  const options = ['-t1', `-c${values.connections}`, `-d${seconds}s`, `${url}/api/v1/places/1`];
  const output = execFileSync('wrk', options, { encoding: 'utf8' });
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`not every answer was good:\n${output}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
}

function report(rates, body) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const ours = median(rates.get(OURS));
  const machine = `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, Redis ${services.redisVersion}`;
  const load = `wrk -t1 -c${values.connections} -d${values.seconds}s, ${values.rounds} rounds`;
  console.log(`\n${new Date().toISOString()}, commit ${commit}, ${machine}`);
  console.log(`${load}, body ${Buffer.byteLength(body)} bytes\n`);
  console.log('| server | median requests/s | ours ÷ this | rounds |\n|---|---|---|---|');
  for (const [name, row] of rates) {
    const rounds = row.map((rate) => rate.toFixed(0)).join(' ');
    console.log(`| ${name} | ${median(row).toFixed(0)} | ${(ours / median(row)).toFixed(2)} | ${rounds} |`);
  }
}
