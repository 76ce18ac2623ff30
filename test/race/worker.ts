import { SeededRandom } from '../../src/sample-data/random.js';
import type { Response, RoundBatch, Request, Results, WorkerStats, Task, Tasks } from './messages.js';
import type { History } from './model.js';
import { ScheduleRunner, type Subject } from './schedule-runner.js';
import { actorsOf } from './schedule.js';
import { createRaceApp, type RaceApp } from './race-app.js';

/** One of the two processes; runs its actors of every round. */
class Worker {
  private app: RaceApp | undefined;
  private seed = 0;
  private process = 0;

  async open({ variant, seed, process, ...services }: Tasks['open']): Promise<null> {
    [this.seed, this.process] = [seed, process];
    this.app = await createRaceApp(variant, services);
    this.app.ledger.random = new SeededRandom(seed + process);
    return null;
  }

  run({ lane, rounds }: RoundBatch): Promise<History[]> {
    return Promise.all(
      rounds.map((round) => {
        const own = actorsOf(this.seed, round).filter(({ process }) => process === this.process);
        return this.runnerOf(lane, round).run(own);
      }),
    );
  }

  runFinalReads({ lane, rounds }: RoundBatch): Promise<History[]> {
    return Promise.all(rounds.map((round) => this.runnerOf(lane, round).runFinalReads()));
  }

  async close(): Promise<WorkerStats> {
    const { ledger, total, close } = this.opened;
    const stats = { loads: ledger.loads, refused: total('refusedPuts'), lateEvictions: total('evictionRetries') };
    await close();
    return stats;
  }

  private runnerOf(lane: number, round: number): ScheduleRunner {
    return new ScheduleRunner(this.opened.subjects[lane] as Subject, this.opened.ledger, round);
  }

  private get opened(): RaceApp {
    if (this.app === undefined) throw new Error('no variant has been opened');
    return this.app;
  }
}

const worker = new Worker();
const tasks: { [task in Task]: (input: Tasks[task]) => Promise<Results[task]> } = {
  open: (input) => worker.open(input),
  run: (input) => worker.run(input),
  runFinalReads: (input) => worker.runFinalReads(input),
  close: () => worker.close(),
};

async function respond({ number, task, input }: Request): Promise<Response> {
  try {
    return { number, result: await tasks[task](input as never) };
  } catch (error) {
    return { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', (request: Request) => {
  void respond(request).then((response) => process.send?.(response));
});
// The parent process is gone.
process.on('disconnect', () => process.exit());
