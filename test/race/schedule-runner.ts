import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from './ledger.js';
import type { History, ReadRecord, Row, WriteRecord } from './model.js';
import { READS, type Actor, type Read, type Step, type Write } from './schedule.js';

/** A cache between the actors and the ledger. */
export interface Subject {
  read(how: Read, id: number): Promise<Row>;
  /** Changes the row, and the cache accordingly. */
  write(how: Write, id: number, by: number): Promise<Row>;
}

type Transaction = Extract<Step, { writes: unknown }>;

const now = () => Number(process.hrtime.bigint());
/** JSON cannot represent Infinity. */
const NEVER = Number.MAX_SAFE_INTEGER;
const intendedRollback = new Error('intended rollback');

/** Runs the actors of one round that belong to this process, and records their reads and writes. */
export class ScheduleRunner {
  private readonly reads: ReadRecord[] = [];
  private readonly writes: WriteRecord[] = [];
  private readonly failures: string[] = [];

  constructor(
    private readonly subject: Subject,
    private readonly ledger: Ledger,
    private readonly id: number,
  ) {}

  async run(actors: readonly Actor[]): Promise<History> {
    await Promise.all(actors.map((actor) => this.runActor(actor)));
    return this.history();
  }

  /** Reads the row in every way after all actors have finished. */
  async runFinalReads(): Promise<History> {
    for (const how of READS) await this.recordingFailure(() => this.read(how, { last: true }));
    return this.history();
  }

  private history(): History {
    return { id: this.id, reads: this.reads, writes: this.writes, failures: this.failures };
  }

  private async runActor({ steps }: Actor): Promise<void> {
    for (const step of steps) {
      await pause(step.pauseMs);
      if (step.kind === 'read') await this.recordingFailure(() => this.read(step.read));
      else if (step.kind === 'write') await this.write(step.write, step.by);
      else await this.transact(step);
    }
  }

  private async read(how: Read, options: Pick<ReadRecord, 'own' | 'last'> = {}): Promise<void> {
    const began = now();
    const row = await this.subject.read(how, this.id);
    this.reads.push({ row, began, returned: now(), ...options });
  }

  private async write(how: Write, by: number): Promise<void> {
    const began = now();
    const change = { by, began, visibleFrom: began };
    await this.recordingFailure(
      async () => {
        const { version } = await this.subject.write(how, this.id, by);
        this.writes.push({ ...change, version, outcome: 'committed', returned: now() });
      },
      () => this.writes.push({ ...change, version: undefined, outcome: 'unknown', returned: now() }),
    );
  }

  private async transact(step: Transaction): Promise<void> {
    const began = now();
    const { kind, by: [first, second] } = step;
    let [visibleFrom, versions] = [NEVER, new Map<number, number>()];
    const work = async () => {
      // PostgreSQL may abort the first attempt, which then has no effect.
      versions = new Map();
      await this.changeTwice(step, versions);
      visibleFrom = now();
    };
    const visible = kind === 'rollback' ? undefined : kind === 'commit' ? second : first;
    const record = (committed: 'committed' | 'unknown') => {
      for (const by of [first, second]) {
        const outcome = by === visible ? committed : 'undone';
        this.writes.push({ by, version: versions.get(by), began, visibleFrom, outcome, returned: now() });
      }
    };
    await this.recordingFailure(
      async () => {
        await this.ledger.inTransaction(work).catch((error: unknown) => {
          if (error !== intendedRollback) throw error;
        });
        record('committed');
      },
      () => record('unknown'),
    );
  }

  private async changeTwice(step: Transaction, versions: Map<number, number>): Promise<void> {
    const change = async (at: 0 | 1) => {
      const { by, version } = await this.subject.write(step.writes[at], this.id, step.by[at]);
      versions.set(by, version);
      await this.read('get', { own: by });
      await pause(step.pauseInsideMs);
    };
    await change(0);
    if (step.kind !== 'savepoint') await change(1);
    else await this.ledger.atSavepoint(() => change(1).then(rollBack)).catch(unlessIntended);
    if (step.kind === 'rollback') await rollBack();
  }

  private async recordingFailure(work: () => Promise<void>, onFailure: () => void = () => undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failures.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      onFailure();
    }
  }
}

function rollBack(): Promise<never> {
  return Promise.reject(intendedRollback);
}

function unlessIntended(error: unknown): void {
  if (error !== intendedRollback) throw error;
}

function pause(ms: number): Promise<unknown> {
  return ms === 0 ? setImmediate() : sleep(ms);
}
