import { Inject, Injectable, type Provider } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { DataSource } from 'typeorm';
import { ConfigModule } from '../../src/config/index.js';
import { DatabaseModule, Outbox } from '../../src/database/index.js';
import {
  DEFAULT_JOB_SETTINGS, defineJob, Job, JOB_SETTINGS, JobQueue, Jobs, JobsModule, JobWorker, type JobContext,
  type JobSettings,
} from '../../src/jobs/index.js';
import { RedisModule } from '../../src/redis/index.js';
import { testEnv, testingModule } from '../support/boot.js';
import type { TestServers } from '../support/test-servers.js';
import { raiseQueryTimeouts } from '../support/time-limits.js';

export const probe = defineJob<{ word: string }>('probe', { attempts: 4, backoff: '200ms' });
export const tick = defineJob('tick', { attempts: 1, schedule: { every: '1s', payload: {} } });

/** Handlers whose behaviour the test sets. */
@Injectable()
export class Probe {
  act: (word: string, context: JobContext) => Promise<void> = () => Promise.resolve();
  ticks: string[] = [];
  ticksFail = false;

  constructor(@Inject(TransactionHost) private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  @Job(probe)
  run({ word }: { word: string }, context: JobContext): Promise<void> {
    return this.act(word, context);
  }

  @Job(tick)
  tick(_payload: object, { id }: JobContext): Promise<void> {
    this.ticks.push(id);
    return this.ticksFail ? Promise.reject(new Error('a tick that fails')) : Promise.resolve();
  }

  /** Inserts a word, in the transaction of the caller if there is one. */
  async write(word: string): Promise<void> {
    await this.txHost.tx.query('INSERT INTO word VALUES ($1)', [word]);
  }

  async words(): Promise<string[]> {
    const rows = await this.txHost.tx.query<{ word: string }[]>('SELECT word FROM word ORDER BY word');
    return rows.map(({ word }) => word);
  }

  async createTable(): Promise<void> {
    await this.query('CREATE TABLE IF NOT EXISTS word (word text)');
  }

  query(sql: string, values: unknown[] = []): Promise<unknown> {
    return this.txHost.tx.query(sql, values);
  }
}

/** A Nest application with the jobs module: a worker, or a producer that only adds jobs. */
export interface JobsTestApp {
  readonly module: TestingModule;
  readonly jobs: Jobs;
  readonly probe: Probe;
  readonly queue: JobQueue['queue'];
  readonly outbox: Outbox;
  close(): Promise<void>;
}

export interface JobsAppOptions {
  readonly settings?: Partial<JobSettings>;
  /** Whether it processes jobs or only adds them; true by default. */
  readonly works?: boolean;
  readonly providers?: Provider[];
}

export async function createJobsApp(servers: TestServers, options: JobsAppOptions = {}): Promise<JobsTestApp> {
  const { settings = {}, works = true, providers = [Probe] } = options;
  const imports = [ConfigModule, DatabaseModule, RedisModule, JobsModule];
  const module = await testingModule({ imports, providers }, testEnv(servers))
    .overrideProvider(JOB_SETTINGS).useValue({ ...DEFAULT_JOB_SETTINGS, ...settings })
    .compile();
  await raiseQueryTimeouts(module.get(DataSource));
  await module.init().catch(async (error: unknown) => {
    await module.close();
    throw error;
  });
  if (works) module.get(JobWorker).start();
  return {
    module,
    jobs: module.get(Jobs),
    probe: module.get(Probe, { strict: false }),
    queue: module.get(JobQueue).queue,
    outbox: module.get(Outbox),
    close: () => module.close(),
  };
}
