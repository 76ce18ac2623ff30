import type { INestApplicationContext } from '@nestjs/common';
import { InvalidSettingsError, type Env } from './config/index.js';

/**
 * Has a program listen where `PORT` and `HOST` say; when it cannot, what the program has opened is closed.
 * @throws InvalidSettingsError
 */
export async function listenOrExplain(
  app: INestApplicationContext,
  { port, host }: Env,
  listen: () => Promise<unknown>,
): Promise<void> {
  try {
    await listen();
  } catch (error) {
    // What goes wrong then is no reason to keep quiet about the port.
    await app.close().catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    const problem = `PORT is "${port}" and HOST is "${host}"; it must be possible to listen there: ${reason}`;
    throw new InvalidSettingsError([problem]);
  }
}
