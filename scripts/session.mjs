import { parseArgs } from 'node:util';
import { StepError, explain, print } from './steps.mjs';

/**
 * One run of a command: its cleanup steps, and whether it is stopping.
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
        // npm forwards the Ctrl-C that the terminal has sent, too: a second one within a second is the same.
        if (!this.stopping.aborted) print('\nStopping …');
        else if (performance.now() - this.#stoppedAt > 1000) print('Still stopping: data is being written.');
        else return;
        this.#stoppedAt = performance.now();
        this.#stop.abort();
      });
    }
    // Output to a closed terminal fails; the shutdown continues without it.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  }

  /** Aborted by SIGINT, SIGTERM and SIGHUP; ends child processes of a step. */
  get stopping() {
    return this.#stop.signal;
  }

  /**
   * Adds a cleanup step for the end of the run, whatever its outcome; the last one added runs first.
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
 * Runs a command: parses its options, does its work, cleans up, and exits with its code.
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
    // Errors caused by the shutdown are not reported.
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
