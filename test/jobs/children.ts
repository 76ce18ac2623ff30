import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { JobSettings } from '../../src/jobs/index.js';
import type { TestServers } from '../support/test-servers.js';

/** What a process is told when it has been started. */
export interface Order {
  readonly servers: TestServers;
  readonly settings: Partial<JobSettings>;
  /** `work`: does jobs; `asks…`: wants one done in a transaction, and is killed before or after that is committed. */
  readonly action: 'work' | 'asks, dies before the commit' | 'asks, dies after the commit';
  /** Whether effects are put into `Jobs.once`. */
  readonly once: boolean;
}

/** A process that does jobs, and dies. */
export interface Child {
  /** The jobs it has begun, and those it has ended, as often as it has. */
  readonly begun: string[];
  readonly ended: string[];
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): void;
}

type Message = 'ready' | { begun: string } | { ended: string };

const all = new Set<ChildProcess>();

/** Starts a process, and waits until it has opened its connections. */
export async function startChild(order: Order): Promise<Child> {
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
    void exit.then(() => reject(new Error('it ended before it was ready')));
  });
  process.send(order);
  await ready;
  return child;
}

/** Kills what is left. */
export async function endChildren(): Promise<void> {
  await Promise.all([...all].map((process) => {
    const exit = once(process, 'exit');
    process.kill('SIGKILL');
    return exit;
  }));
}
