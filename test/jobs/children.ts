import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { JobSettings } from '../../src/jobs/index.js';
import type { TestServers } from '../support/test-servers.js';

/** Message to a child after its start. */
export interface ChildOptions {
  readonly servers: TestServers;
  readonly settings: Partial<JobSettings>;
  /** `work`: runs jobs; `adds…`: adds one in a transaction, and is killed before or after its commit. */
  readonly action: 'work' | 'adds, dies before the commit' | 'adds, dies after the commit';
  /** Whether effects run in `Jobs.once`. */
  readonly once: boolean;
}

/** A process that runs or adds jobs. */
export interface Child {
  /** Words of the jobs it has begun and ended, once per run. */
  readonly begun: string[];
  readonly ended: string[];
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): void;
}

type Message = 'ready' | { begun: string } | { ended: string };

const all = new Set<ChildProcess>();

/** Starts a child; waits until its connections are open. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const process = fork(join(import.meta.dirname, 'child.mjs'));
  all.add(process);
  const exit = once(process, 'exit').then(([code, signal]: (number | string | null)[]) => {
    all.delete(process);
    return { code, signal } as Awaited<Child['exit']>;
  });
  const child: Child = { begun: [], ended: [], exit, kill: (signal) => void process.kill(signal) };
  const ready = new Promise<void>((resolve, reject) => {
    process.on('message', (message: Message) => {
      if (message === 'ready') resolve();
      else if ('begun' in message) child.begun.push(message.begun);
      else child.ended.push(message.ended);
    });
    void exit.then(() => reject(new Error('the child ended before it was ready')));
  });
  process.send(options);
  await ready;
  return child;
}

/** Kills all running children. */
export async function killChildren(): Promise<void> {
  await Promise.all([...all].map((process) => {
    const exit = once(process, 'exit');
    process.kill('SIGKILL');
    return exit;
  }));
}
