import { parseArgs } from 'node:util';
import { StepError, explain, print } from './steps.mjs';

/**
 * One run of a command: what it started, and whether it is stopping.
 */
export class Session {
  #stop = new AbortController();
  /** @type {(() => Promise<unknown> | unknown)[]} */
  #undo = [];
  #stoppedAt = 0;
  /** Settles when the command is asked to stop. */
  stopped = new Promise((resolve) => this.stopping.addEventListener('abort', () => resolve(undefined), { once: true }));

  constructor() {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => {
        // npm hands on the Ctrl-C that the terminal has sent already: the second within a moment is the same one.
        if (!this.stopping.aborted) print('\nStopping …');
        else if (performance.now() - this.#stoppedAt > 1000) print('Still stopping: data is being written.');
        else return;
        this.#stoppedAt = performance.now();
        this.#stop.abort();
      });
    }
    // A terminal that was closed takes no more words; stopping goes on without them.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  }

  /** Aborted by Ctrl-C and its like; child processes of a step end with it. */
  get stopping() {
    return this.#stop.signal;
  }

  /**
   * What to do when the run ends, however it ends: last added, first done.
   *
   * @param {() => Promise<unknown> | unknown} undo
   */
  atEnd(undo) {
    this.#undo.push(undo);
  }

  async end() {
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }
}

/**
 * Runs a command from its first word to its exit code: options, work, and the end of everything it started.
 *
 * @template {import('node:util').ParseArgsConfig['options']} O
 * @param {{ help: string, options?: O,
 *   work: (session: Session, values: Record<string, unknown>) => Promise<number | void> }} command
 */
export async function runCommand({ help, options, work }) {
  const session = new Session();
  let code = 0;
  try {
    const values = parse(help, options);
    if (values.help) print(help);
    else code = (await work(session, values)) ?? 0;
  } catch (error) {
    // What breaks because we are stopping is no news.
    code = session.stopping.aborted ? 130 : explain(error);
  }
  await session.end().catch((error) => {
    code = explain(error);
  });
  process.exit(code);
}

/**
 * @param {string} help
 * @param {import('node:util').ParseArgsConfig['options']} options
 * @returns {Record<string, unknown>}
 */
function parse(help, options) {
  try {
    return parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    const usage = /Usage: (.*)/.exec(help)?.[1] ?? '';
    throw new StepError(/** @type {Error} */ (error).message.replace(/\. To specify.*$/s, '.'), `${usage}`);
  }
}
