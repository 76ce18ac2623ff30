/** A failure with a hint how to fix it. */
export class StepError extends Error {
  /**
   * @param {string} message what went wrong and why
   * @param {string} [hint] command or action that fixes it
   */
  constructor(message, hint) {
    super(message);
    this.name = 'StepError';
    this.hint = hint;
  }
}

/**
 * Runs one step of a start-up, and prints its title and duration.
 *
 * @template T
 * @param {string} title such as "Install the locked packages"
 * @param {(note: (text: string) => void) => Promise<T> | T} work `note` adds a detail to the line that reports success
 * @param {{ prints?: boolean }} [options] `prints`: the work prints lines of its own meanwhile
 * @returns {Promise<T>}
 */
export async function step(title, work, { prints = false } = {}) {
  const started = performance.now();
  /** @type {string[]} */
  const notes = [];
  const ticker = showWhileWaiting(title, started, process.stdout.isTTY && !prints);
  try {
    const result = await work((text) => notes.push(text));
    ticker.stop();
    print(`  ✓ ${title}${notes.length > 0 ? ` (${notes.join(', ')})` : ''} ${dim(elapsed(started))}`);
    return result;
  } catch (error) {
    ticker.stop();
    print(`  ✗ ${title} ${dim(elapsed(started))}`);
    throw error;
  }
}

/**
 * Prints why a command failed and the hint, and returns the exit code.
 *
 * @param {unknown} error
 */
export function explain(error) {
  const shown = error instanceof Error ? error : new Error(String(error));
  const text = error instanceof StepError ? shown.message : (shown.stack ?? shown.message);
  process.stderr.write(`\n${text.trimEnd()}\n`);
  if (shown instanceof StepError && shown.hint) process.stderr.write(`\n  ${shown.hint.replaceAll('\n', '\n  ')}\n`);
  return 1;
}

/** @param {string} text */
export function print(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {string} text */
function dim(text) {
  return process.stdout.isTTY ? `\u001b[2m${text}\u001b[22m` : text;
}

/** @param {number} started a reading of `performance.now()` */
export function elapsed(started) {
  const seconds = (performance.now() - started) / 1000;
  return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
}

/**
 * Shows a running step: on a terminal with its elapsed seconds, elsewhere once it has run for a second.
 *
 * @param {string} title
 * @param {number} started
 * @param {boolean} redraw
 */
function showWhileWaiting(title, started, redraw) {
  if (!redraw) {
    const timer = setTimeout(() => print(`  … ${title}`), 1000);
    return { stop: () => clearTimeout(timer) };
  }
  const draw = () => process.stdout.write(`\r\u001b[K  … ${title} ${dim(elapsed(started))}`);
  draw();
  const timer = setInterval(draw, 200);
  return {
    stop: () => {
      clearInterval(timer);
      process.stdout.write('\r\u001b[K');
    },
  };
}
