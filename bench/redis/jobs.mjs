import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { defineJob, Job, Jobs, JobWorker } from '../../dist/jobs/index.js';
import { versionOf } from '../report.mjs';

const waiting = new Map();
const doneBy = (token) => new Promise((resolve) => waiting.set(token, resolve));
const done = async ({ token }) => {
  waiting.get(token)?.();
  waiting.delete(token);
};

const bench = defineJob('bench');

class BenchJobs {
  run(payload) {
    return done(payload);
  }
}
Injectable()(BenchJobs);
Job(bench)(BenchJobs.prototype, 'run', Object.getOwnPropertyDescriptor(BenchJobs.prototype, 'run'));

/** From the call that asks for a job until its handler has run, in the process that asked. */
export const JOBS = {
  title: 'Jobs asked for and done, 64 at a time, 5 worked on at a time',
  unit: 'jobs',
  callers: 64,
  packages: [versionOf('bullmq')],
  providers: [BenchJobs],
  async open({ app, env }) {
    const jobs = app.get(Jobs, { strict: false });
    app.get(JobWorker, { strict: false }).start();
    const redis = new Redis(env.REDIS_URL, { maxRetriesPerRequest: null });
    const queue = new Queue('theirs', { connection: redis });
    const worker = new Worker('theirs', ({ data }) => done(data), { connection: redis, concurrency: 5 });
    await worker.waitUntilReady();
    const ask = (add) => {
      const token = randomUUID();
      return Promise.all([doneBy(token), add({ token })]);
    };
    const options = { removeOnComplete: { age: 86_400, count: 10_000 }, attempts: 5 };
    const each = [
      { title: 'ours, each committed to PostgreSQL first', step: () => ask((payload) => jobs.add(bench, payload)) },
      { title: 'BullMQ alone', step: () => ask((payload) => queue.add('bench', payload, options)) },
    ];
    const close = async () => {
      await worker.close();
      await queue.close();
      await redis.quit();
    };
    return { each, close };
  },
};
