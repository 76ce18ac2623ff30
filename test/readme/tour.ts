import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fences } from './markdown.js';

/** Commands of the tour, and their documented output. */
export interface TourStep {
  readonly commands: string;
  /** Output, in which `…` matches any text within a line. */
  readonly answer: string;
}

const SEPARATOR = '--- next step ---';

/** Parses the `sh tour` blocks of a text, each with the `text answer` block after it. */
export function tourOf(markdown: string): TourStep[] {
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
 * @param origin replaces the documented origin of the service
 * @returns output of each step
 */
export async function runTour(steps: readonly TourStep[], origin: string): Promise<string[]> {
  const script = steps.map(({ commands }) => commands.replaceAll('http://localhost:3000', origin)).join(`echo '${SEPARATOR}'\n`);
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { timeout: 100_000 });
  return stdout.replaceAll('\r', '').split(`${SEPARATOR}\n`);
}

/** Whether the printed output matches the documented one. */
export function matchesOutput(documented: string, printed: string): boolean {
  const pattern = documented.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*');
  return new RegExp(`^${pattern}$`).test(printed);
}
