import type { INestApplicationContext } from '@nestjs/common';
import { InvalidSettingsError, type Env } from '../config/index.js';

/**
 * Starts listening on `PORT` and `HOST`; on failure, closes the application and reports the problem as a setting.
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
    // An error while closing must not hide the problem with the port.
    await app.close().catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    const problem = `PORT is "${port}" and HOST is "${host}"; it must be possible to listen there: ${reason}`;
    throw new InvalidSettingsError([problem]);
  }
}
