import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Response, Request, Results, Task, Tasks } from './messages.js';
import { PROCESSES } from './schedule.js';

interface Pending {
  resolve(result: never): void;
  reject(error: Error): void;
}

/** A worker process; matches its responses to the requests. */
class WorkerProcess {
  private readonly pending = new Map<number, Pending>();
  private requests = 0;

  constructor(readonly child: ChildProcess) {
    child.on('message', ({ number, result, error }: Response) => {
      const pending = this.pending.get(number);
      this.pending.delete(number);
      if (error === undefined) pending?.resolve(result as never);
      else pending?.reject(new Error(error));
    });
    child.on('exit', (code, signal) => {
      for (const { reject } of this.pending.values()) reject(new Error(`a worker ended: ${code ?? signal}`));
    });
  }

  request<T extends Task>(task: T, input: Tasks[T]): Promise<Results[T]> {
    const number = (this.requests += 1);
    return new Promise((resolve, reject) => {
      this.pending.set(number, { resolve, reject });
      this.child.send({ number, task, input } satisfies Request);
    });
  }
}

/** The worker processes of a race. */
export class WorkerPool {
  private readonly workers: readonly WorkerProcess[];

  constructor() {
    this.workers = Array.from({ length: PROCESSES }, () => {
      const [loader, file] = ['typescript.mjs', 'worker.ts'].map((name) => join(import.meta.dirname, name));
      return new WorkerProcess(fork(file as string, { execArgv: ['--import', loader as string] }));
    });
  }

  /** Runs a task in all processes; returns the results in their order. */
  request<T extends Task>(task: T, inputOf: (process: number) => Tasks[T]): Promise<Results[T][]> {
    return Promise.all(this.workers.map((worker, process) => worker.request(task, inputOf(process))));
  }

  async end(): Promise<void> {
    await Promise.all(
      this.workers.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill();
        await ended;
      }),
    );
  }
}
