// npm run bench:redis: what else Redis does for the service, beside libraries that do the same. `--help` lists options.
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JOBS } from './redis/jobs.mjs';
import { LIKES } from './redis/likes.mjs';
import { FREE_LOCKS, WANTED_LOCK } from './redis/locks.mjs';
import { RATE_LIMIT } from './redis/rate-limit.mjs';
import { measureRates, reportRates } from './redis/rates.mjs';
import { chosen, heading } from './report.mjs';
import { startServices } from './services.mjs';

const FIGURES = {
  'rate-limit': RATE_LIMIT,
  locks: FREE_LOCKS,
  'wanted-lock': WANTED_LOCK,
  jobs: JOBS,
  likes: LIKES,
};
const HELP = `npm run bench:redis -- [options]
  --figures a,b     these figures alone: ${Object.keys(FIGURES).join(', ')}
  --rounds 5
  --seconds 2       each contestant in a round`;

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
const names = chosen(values.figures, FIGURES);
const settings = { rounds: Number(values.rounds), seconds: Number(values.seconds), tell: (line) => console.log(line) };

const services = await startServices({ maxmemory: 0, 'maxmemory-policy': 'noeviction' });
Object.assign(process.env, services.env, { NODE_ENV: 'production', LOG_LEVEL: 'error' });
const { AppModule } = await import('../dist/app.module.js');
class BenchModule {}
const providers = Object.values(FIGURES).flatMap((figure) => figure.providers ?? []);
Module({ imports: [AppModule], providers })(BenchModule);
const options = { logger: ['fatal', 'error'], abortOnError: false };
const app = await NestFactory.createApplicationContext(BenchModule, options);
try {
  const reports = [];
  const versions = new Set();
  for (const name of names) {
    const figure = FIGURES[name];
    const contestants = await figure.open({ app, env: services.env });
    try {
      reports.push(reportRates(figure, contestants, await measureRates(figure, contestants, settings)));
    } finally {
      await contestants.close();
    }
    figure.packages.forEach((each) => versions.add(each));
  }
  console.log(`\n${heading(services.redisVersion, [...versions])}`);
  const { rounds, seconds } = settings;
  console.log(`${rounds} rounds of ${seconds} s each; a ratio is the median of those of the rounds.\n`);
  console.log(reports.join('\n\n'));
} finally {
  await app.close();
  await services.stop();
}
