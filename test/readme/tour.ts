import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fences } from './markdown.js';

/** Commands of a README, and what it says they print. */
export interface Stop {
  readonly commands: string;
  /** Lines, in which `…` stands for anything. */
  readonly answer: string;
}

const BETWEEN = '--- next stop ---';

/** The `sh tour` blocks of a text, each with the `text answer` block after it. */
export function tourOf(markdown: string): Stop[] {
  const blocks = fences(markdown);
  return blocks.flatMap(({ info, content }, at) => {
    const next = blocks[at + 1];
    if (info !== 'sh tour') return [];
    if (next?.info !== 'text answer') throw new Error(`No answer is written below:\n${content}`);
    return [{ commands: content, answer: next.content }];
  });
}

/**
 * Runs all commands in one shell, as a reader would in one terminal.
 * @param origin where the service runs, in place of the one documented
 * @returns what each stop printed
 */
export async function takeTour(stops: readonly Stop[], origin: string): Promise<string[]> {
  const script = stops.map(({ commands }) => commands.replaceAll('http://localhost:3000', origin)).join(`echo '${BETWEEN}'\n`);
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { timeout: 20_000 });
  return stdout.replaceAll('\r', '').split(`${BETWEEN}\n`);
}

/** Whether what was printed is what is written. */
export function isAnswer(written: string, printed: string): boolean {
  const pattern = written.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*');
  return new RegExp(`^${pattern}$`).test(printed);
}
