import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StepError, step } from './steps.mjs';

const run = promisify(execFile);
const home = join(import.meta.dirname, '..', 'test', 'node-24');

/**
 * Installs the locked Node 24 where it is missing. The npm package `node` would need an install script, of which none
 * runs here; its packages for each system hold the binary itself.
 *
 * @param {AbortSignal} [signal]
 * @returns {Promise<string | undefined>} the folder to put in front of the PATH; undefined where there is no package
 */
export async function installNode24(signal) {
  const folder = join(home, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin');
  if (!existsSync(join(folder, 'node'))) await step('Install Node 24 for the tests (npm ci)', () => runNpmCi(signal));
  return existsSync(join(folder, 'node')) ? folder : undefined;
}

/** @param {AbortSignal} [signal] */
async function runNpmCi(signal) {
  try {
    await run('npm', ['ci', '--include=optional', '--loglevel=error'], { cwd: home, signal });
  } catch (error) {
    throw new StepError(`npm could not install Node 24:\n${error}`, 'Check the connection to the package registry.');
  }
}
