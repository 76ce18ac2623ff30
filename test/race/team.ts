import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Answer, Request, Results, Task, Tasks } from './messages.js';
import { PROCESSES } from './schedule.js';

interface Waiting {
  resolve(result: never): void;
  reject(error: Error): void;
}

/** Asks one worker process, and hands out its answers. */
class Colleague {
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  constructor(readonly child: ChildProcess) {
    child.on('message', ({ number, result, error }: Answer) => {
      const waiting = this.waiting.get(number);
      this.waiting.delete(number);
      if (error === undefined) waiting?.resolve(result as never);
      else waiting?.reject(new Error(error));
    });
    child.on('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`a worker ended: ${code ?? signal}`));
    });
  }

  ask<T extends Task>(task: T, input: Tasks[T]): Promise<Results[T]> {
    const number = (this.asked += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.child.send({ number, task, input } satisfies Request);
    });
  }
}

/** The two processes of a race. */
export class Team {
  private readonly colleagues: readonly Colleague[];

  constructor() {
    this.colleagues = Array.from({ length: PROCESSES }, () => {
      const [loader, file] = ['typescript.mjs', 'worker.ts'].map((name) => join(import.meta.dirname, name));
      return new Colleague(fork(file as string, { execArgv: ['--import', loader as string] }));
    });
  }

  /** The answers of both, in order. */
  ask<T extends Task>(task: T, inputOf: (process: number) => Tasks[T]): Promise<Results[T][]> {
    return Promise.all(this.colleagues.map((colleague, process) => colleague.ask(task, inputOf(process))));
  }

  async end(): Promise<void> {
    await Promise.all(
      this.colleagues.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill();
        await ended;
      }),
    );
  }
}
