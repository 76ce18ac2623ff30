// What it costs to keep many streams open, and how long an announcement takes to get to all of them.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../scripts/processes.mjs';
import { cpuMicrosOf, endChild, hasEnded, own } from '../processes.mjs';
import { median, table } from '../report.mjs';

const CLIENTS = 5_000;
/** The service lets a user have twenty connections. */
const CLIENTS_A_USER = 20;
const ROUNDS = 20;
const IDLE_S = 10;
const MIB = 1024 ** 2;
const WITHOUT_LIMITS = {
  RATE_LIMIT_AUTH: '1000000', RATE_LIMIT_ANONYMOUS: '0', RATE_LIMIT_USER: '0', RATE_LIMIT_ADMIN: '0',
};
const PASSWORD = 'only-for-the-benchmark';

export const NOTIFICATIONS = {
  report: async (context) => reportNotifications(await measureNotifications(context)),
};

/**
 * One process of the build, and its clients in another.
 *
 * @param {{ env: Record<string, string>, log: (line: string) => void }} settings
 */
async function measureNotifications({ env, log }) {
  const port = await freePort();
  const server = own(spawn(process.execPath, ['dist/main.js'], {
    env: { ...process.env, NODE_ENV: 'production', ...env, PORT: String(port), HOST: '127.0.0.1',
      LOG_LEVEL: 'warn', ACCESS_TOKEN_TTL: '1h', ...WITHOUT_LIMITS },
    stdio: ['ignore', 'inherit', 'inherit'],
  }));
  const clients = own(fork(join(import.meta.dirname, 'stream-clients.mjs')));
  const ask = async (message) => {
    clients.send(message);
    return (await once(clients, 'message'))[0];
  };
  try {
    const call = callerOf(`http://127.0.0.1:${port}`);
    while (!(await call('GET', '/categories').then(() => true, () => false))) {
      if (hasEnded(server)) throw new Error('the server stopped while starting');
      await pause(50);
    }
    const tokens = await signUp(call, Math.ceil(CLIENTS / CLIENTS_A_USER));
    const before = await atRest(server.pid);
    log(`${tokens.length} users, ${mib(before.rss)} MiB resident without clients`);
    await ask({ open: { port, tokens, count: CLIENTS } });
    const idle = await atRest(server.pid);
    log(`${CLIENTS} streams open, ${mib(idle.rss)} MiB resident, ${idle.cpuPercent.toFixed(1)} % of a core`);
    const rounds = await announce(call, ask, log);
    const after = await atRest(server.pid);
    return { before, idle, after, rounds };
  } finally {
    await Promise.all([endChild(server), endChild(clients)]);
  }
}

function reportNotifications({ before, idle, after, rounds }) {
  const middle = (figure) => median(rounds.map((round) => round[figure])).toFixed(0);
  const greatest = (figure) => Math.max(...rounds.map((round) => round[figure])).toFixed(0);
  const lines = [
    ['resident memory without clients, MiB', mib(before.rss), ''],
    [`with ${CLIENTS} idle streams, MiB`, mib(idle.rss), `(target < 1,024${idle.rss < 1024 * MIB ? ', met' : ''})`],
    ['after the announcements, MiB', mib(after.rss), ''],
    ['CPU of the idle streams, % of a core', idle.cpuPercent.toFixed(1), `(without ${before.cpuPercent.toFixed(1)})`],
    ['until half have an announcement, ms', middle('halfMs'), greatest('halfMs')],
    ['until the last has it, ms', middle('lastMs'), greatest('lastMs')],
  ];
  return [
    `### ${CLIENTS} streams of notifications on one process; times from the answer to the announcement`,
    table(['figure', 'median', 'greatest'], lines),
  ].join('\n\n');
}

async function signUp(call, count) {
  const tokens = [];
  const numbers = Array.from({ length: count }, (_, number) => number);
  const work = async () => {
    for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
      const account = { email: `bench${number}@example.com`, password: PASSWORD };
      await call('POST', '/auth/signup', { ...account, nickname: `벤치${number}번` });
      tokens.push((await call('POST', '/auth/login', account)).accessToken);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return tokens;
}

async function announce(call, ask, log) {
  const { accessToken } = await call('POST', '/auth/login', {
    email: 'admin@ecogreen.example',
    password: 'green-seoul-demo',
  });
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const title = `round ${round}`;
    await call('POST', '/admin/announcements', { title, body: '이번 토요일은 리필데이입니다.' }, accessToken);
    const answeredAt = performance.timeOrigin + performance.now();
    let times = [];
    for (const deadline = performance.now() + 30_000; times.length < CLIENTS; await pause(250)) {
      if (performance.now() > deadline) throw new Error(`only ${times.length} of ${CLIENTS} had it after 30 s`);
      ({ times } = await ask({ arrived: title }));
    }
    if (times.length > CLIENTS) throw new Error(`${times.length} arrivals at ${CLIENTS} clients`);
    times.sort((one, other) => one - other);
    rounds.push({ halfMs: times[CLIENTS / 2] - answeredAt, lastMs: times.at(-1) - answeredAt });
  }
  log(`until the last has it, ms: ${rounds.map(({ lastMs }) => lastMs.toFixed(0)).join(' ')}`);
  return rounds;
}

/** Memory and CPU of a process that nobody asks anything. */
async function atRest(pid) {
  await pause(2_000);
  const cpuBefore = cpuMicrosOf(pid);
  await pause(IDLE_S * 1_000);
  const cpuPercent = (cpuMicrosOf(pid) - cpuBefore) / (IDLE_S * 10_000);
  const kib = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return { rss: kib * 1024, cpuPercent };
}

function callerOf(origin) {
  return async (method, path, body, token) => {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
}

const mib = (bytes) => (bytes / MIB).toFixed(0);
