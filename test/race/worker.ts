import { SeededRandom } from '../../src/sample-data/random.js';
import type { Answer, Heat, Request, Results, Tally, Task, Tasks } from './messages.js';
import type { History } from './model.js';
import { Player, type Subject } from './player.js';
import { actorsOf } from './schedule.js';
import { openStage, type Stage } from './stage.js';

/** One of the two processes: it plays its half of every round. */
class Worker {
  private stage: Stage | undefined;
  private seed = 0;
  private process = 0;

  async open({ contestant, seed, process, ...services }: Tasks['open']): Promise<null> {
    [this.seed, this.process] = [seed, process];
    this.stage = await openStage(contestant, services);
    this.stage.ledger.random = new SeededRandom(seed + process);
    return null;
  }

  play({ lane, rounds }: Heat): Promise<History[]> {
    return Promise.all(
      rounds.map((round) => {
        const mine = actorsOf(this.seed, round).filter(({ process }) => process === this.process);
        return this.playerOf(lane, round).play(mine);
      }),
    );
  }

  playLastReads({ lane, rounds }: Heat): Promise<History[]> {
    return Promise.all(rounds.map((round) => this.playerOf(lane, round).playLastReads()));
  }

  async close(): Promise<Tally> {
    const { ledger, sumOf, close } = this.opened;
    const tally = { loads: ledger.loads, refused: sumOf('refusedPuts'), lateEvicts: sumOf('evictionRetries') };
    await close();
    return tally;
  }

  private playerOf(lane: number, round: number): Player {
    return new Player(this.opened.subjects[lane] as Subject, this.opened.ledger, round);
  }

  private get opened(): Stage {
    if (this.stage === undefined) throw new Error('no contestant has been opened');
    return this.stage;
  }
}

const worker = new Worker();
const tasks: { [task in Task]: (input: Tasks[task]) => Promise<Results[task]> } = {
  open: (input) => worker.open(input),
  play: (input) => worker.play(input),
  playLastReads: (input) => worker.playLastReads(input),
  close: () => worker.close(),
};

async function answer({ number, task, input }: Request): Promise<Answer> {
  try {
    return { number, result: await tasks[task](input as never) };
  } catch (error) {
    return { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', (request: Request) => {
  void answer(request).then((each) => process.send?.(each));
});
// The one who asks is gone: so is the race.
process.on('disconnect', () => process.exit());
