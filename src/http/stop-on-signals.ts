import { Logger, type INestApplicationContext } from '@nestjs/common';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
/** Signals within this time count as one: a single Ctrl-C arrives from the terminal, from npm and from a script. */
const SAME_SIGNAL_MS = 500;

/**
 * Shuts down gracefully at the first signal, with exit code 0, and immediately at the second, with exit code 1.
 *
 * @param drain awaited before anything is closed, except after SIGINT: Ctrl-C at a terminal takes effect without delay
 */
export function stopOnSignals(app: INestApplicationContext, drain?: () => Promise<void>): void {
  let stoppedAtMs: number | undefined;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stoppedAtMs !== undefined) {
      if (performance.now() - stoppedAtMs > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppedAtMs = performance.now();
    try {
      if (signal !== 'SIGINT') await drain?.();
      await app.close();
    } catch (error) {
      new Logger('Stop').error(`graceful shutdown failed: ${String(error)}`, (error as Error).stack);
      process.exit(1);
    }
    // `process.exit` flushes buffered log lines; termination by a signal would not.
    process.exit(0);
  };
  for (const signal of SIGNALS) process.on(signal, (name) => void stop(name));
}
