// npm run bench:redis: what else Redis does for the service, beside libraries that do the same. `--help` lists options.
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JOBS } from './redis/jobs.mjs';
import { LIKES } from './redis/likes.mjs';
import { FREE_LOCKS, WANTED_LOCK } from './redis/locks.mjs';
import { NOTIFICATIONS } from './redis/notifications.mjs';
import { RATE_LIMIT } from './redis/rate-limit.mjs';
import { reportRates } from './redis/rates.mjs';
import { chosen, heading } from './report.mjs';
import { startServices } from './services.mjs';

/** Each is opened, compared and closed in this process, but notifications, whose server and clients are others. */
const FIGURES = {
  'rate-limit': RATE_LIMIT,
  locks: FREE_LOCKS,
  'wanted-lock': WANTED_LOCK,
  jobs: JOBS,
  likes: LIKES,
  notifications: NOTIFICATIONS,
};
const HELP = `npm run bench:redis -- [options]
  --figures a,b     these figures alone: ${Object.keys(FIGURES).join(', ')}
  --rounds 5
  --seconds 2       each contestant in a round; notifications take 90 s, whatever this is`;

const { values } = parseArgs({
  options: {
    figures: { type: 'string', default: Object.keys(FIGURES).join(',') },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const figures = chosen(values.figures, FIGURES).map((name) => FIGURES[name]);
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];

const services = await startServices({ maxmemory: 0, 'maxmemory-policy': 'noeviction' });
const env = { ...services.env, NODE_ENV: 'production', LOG_LEVEL: 'error' };
try {
  const app = await openApp();
  const reports = [];
  try {
    const context = { app, env, rounds, seconds, log: (line) => console.log(line) };
    for (const figure of figures) {
      reports.push(await (figure.report?.(context) ?? reportRates(figure, context)));
    }
  } finally {
    await app.close();
  }
  const versions = new Set(figures.flatMap(({ packages = [] }) => packages));
  console.log(`\n${heading(services.redisVersion, [...versions])}`);
  console.log(`${rounds} rounds of ${seconds} s each; a ratio is the median of those of the rounds.\n`);
  console.log(reports.join('\n\n'));
} finally {
  await services.stop();
}

/** The whole application without its server, and what the figures add to it. */
async function openApp() {
  Object.assign(process.env, env);
  const { AppModule } = await import('../dist/app.module.js');
  class BenchModule {}
  const providers = figures.flatMap((figure) => figure.providers ?? []);
  Module({ imports: [AppModule], providers })(BenchModule);
  return NestFactory.createApplicationContext(BenchModule, { logger: ['fatal', 'error'], abortOnError: false });
}
