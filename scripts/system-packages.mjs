import { execFile, execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { StepError, print, step } from './steps.mjs';

const run = promisify(execFile);

/**
 * The full path of the first of these programs on the PATH.
 *
 * @param {...string} names
 */
export function findProgram(...names) {
  for (const name of names) {
    for (const directory of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
      const path = join(directory, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not here
      }
    }
  }
  return undefined;
}

/**
 * Installs a package of Debian or Ubuntu, saying so before, where that needs no password.
 *
 * @param {{ apt: string, what: string, cure: string }} wanted `cure` is what to type where it cannot be installed
 */
export async function installSystemPackage({ apt, what, cure }) {
  const prefix = rootPrefix();
  if (prefix === undefined || !findProgram('apt-get')) throw new StepError(`${what} is not on this machine.`, cure);
  const install = ['install', '-y', '--no-install-recommends', apt];
  print(`  ${what} is not on this machine; installing it now: ${[...prefix, 'apt-get', ...install].join(' ')}`);
  await step(`Install ${apt}`, async () => {
    try {
      await aptGet(prefix, install).catch(async () => {
        // A fresh machine has no package lists, an old one has lists of packages that are gone.
        await aptGet(prefix, ['update']);
        await aptGet(prefix, install);
      });
    } catch (error) {
      throw new StepError(`apt-get could not install ${apt}:\n${/** @type {Error} */ (error).message}`, cure);
    }
  });
}

/**
 * The one command that installs something on this system.
 *
 * @param {{ brew: string, apt: string, dnf: string, apk: string, otherwise: string }} packages
 */
export function installCommand({ brew, apt, dnf, apk, otherwise }) {
  if (findProgram('brew')) return `brew install ${brew}`;
  if (findProgram('apt-get')) return `sudo apt-get install ${apt}`;
  if (findProgram('dnf')) return `sudo dnf install ${dnf}`;
  if (findProgram('apk')) return `sudo apk add ${apk}`;
  return otherwise;
}

/**
 * @param {string[]} prefix
 * @param {string[]} args
 */
async function aptGet(prefix, args) {
  const command = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
  await run(/** @type {string} */ (command[0]), command.slice(1), { maxBuffer: 64 << 20 });
}

/** What goes before a command so that root runs it without asking for a password; `undefined` when nothing does. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
    return ['sudo', '-n'];
  } catch {
    return undefined;
  }
}
