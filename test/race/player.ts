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
/** JSON does not know Infinity. */
const NEVER = Number.MAX_SAFE_INTEGER;
const undo = new Error('undone on purpose');

/** Plays the actors of one round that live in this process, and writes down what they see and do. */
export class Player {
  private readonly reads: ReadRecord[] = [];
  private readonly writes: WriteRecord[] = [];
  private readonly failures: string[] = [];

  constructor(
    private readonly subject: Subject,
    private readonly ledger: Ledger,
    private readonly id: number,
  ) {}

  async play(actors: readonly Actor[]): Promise<History> {
    await Promise.all(actors.map((actor) => this.act(actor)));
    return this.history();
  }

  /** What is read when all actors have finished. */
  async playLastReads(): Promise<History> {
    for (const how of READS) await this.orFail(() => this.read(how, { last: true }));
    return this.history();
  }

  private history(): History {
    return { id: this.id, reads: this.reads, writes: this.writes, failures: this.failures };
  }

  private async act({ steps }: Actor): Promise<void> {
    for (const step of steps) {
      await pause(step.pauseMs);
      if (step.kind === 'read') await this.orFail(() => this.read(step.read));
      else if (step.kind === 'write') await this.write(step.write, step.by);
      else await this.transact(step);
    }
  }

  private async read(how: Read, what: Pick<ReadRecord, 'own' | 'last'> = {}): Promise<void> {
    const began = now();
    const row = await this.subject.read(how, this.id);
    this.reads.push({ row, began, returned: now(), ...what });
  }

  private async write(how: Write, by: number): Promise<void> {
    const began = now();
    const change = { by, began, visibleFrom: began };
    await this.orFail(
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
      // PostgreSQL may sacrifice the first attempt; what it did has not happened.
      versions = new Map();
      await this.changeTwice(step, versions);
      visibleFrom = now();
    };
    const visible = kind === 'rollback' ? undefined : kind === 'commit' ? second : first;
    const note = (committed: 'committed' | 'unknown') => {
      for (const by of [first, second]) {
        const outcome = by === visible ? committed : 'undone';
        this.writes.push({ by, version: versions.get(by), began, visibleFrom, outcome, returned: now() });
      }
    };
    await this.orFail(
      async () => {
        await this.ledger.inTransaction(work).catch((error: unknown) => {
          if (error !== undo) throw error;
        });
        note('committed');
      },
      () => note('unknown'),
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
    else await this.ledger.atSavepoint(() => change(1).then(() => Promise.reject(undo))).catch(unlessOnPurpose);
    if (step.kind === 'rollback') throw undo;
  }

  private async orFail(work: () => Promise<void>, onFailure: () => void = () => undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failures.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      onFailure();
    }
  }
}

function unlessOnPurpose(error: unknown): void {
  if (error !== undo) throw error;
}

function pause(ms: number): Promise<unknown> {
  return ms === 0 ? setImmediate() : sleep(ms);
}
