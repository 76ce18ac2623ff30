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
 * @typedef {object} Wanted
 * @property {string} what display name, with the required version
 * @property {() => string | undefined} find its path, when it is there and usable
 * @property {{ brew: string, apt: string, dnf: string, apk: string }} packages its name for each package manager
 * @property {string} otherwise what to do where no package manager has it
 */

/**
 * Finds a program of the system, or installs it where that needs no password (Debian, Ubuntu); prints a message first.
 *
 * @param {Wanted} wanted
 * @returns {Promise<string>} its path
 * @throws StepError with the one command that installs it here
 */
export async function findOrInstall({ what, find, packages, otherwise }) {
  const found = find();
  if (found !== undefined) return found;
  const prefix = rootPrefix();
  if (prefix === undefined || !findProgram('apt-get')) {
    throw new StepError(`${what} is not on this machine.`, installCommand(packages) ?? otherwise);
  }
  await aptInstall(prefix, what, packages.apt);
  const installed = find();
  if (installed !== undefined) return installed;
  throw new StepError(`The package ${packages.apt} of this system is not ${what}.`, otherwise);
}

/** @param {Wanted['packages']} packages */
function installCommand({ brew, apt, dnf, apk }) {
  if (findProgram('brew')) return `brew install ${brew}`;
  if (findProgram('apt-get')) return `sudo apt-get install ${apt}`;
  if (findProgram('dnf')) return `sudo dnf install ${dnf}`;
  if (findProgram('apk')) return `sudo apk add ${apk}`;
  return undefined;
}

/**
 * @param {string[]} prefix
 * @param {string} what
 * @param {string} name
 */
async function aptInstall(prefix, what, name) {
  const install = ['install', '-y', '--no-install-recommends', name];
  print(`  ${what} is not on this machine; installing it now: ${[...prefix, 'apt-get', ...install].join(' ')}`);
  await step(`Install ${name}`, async () => {
    try {
      await aptGet(prefix, install).catch(async () => {
        // A new machine has no package lists, an old one has outdated lists.
        await aptGet(prefix, ['update']);
        await aptGet(prefix, install);
      });
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new StepError(`apt-get could not install ${name}:\n${message}`, `sudo apt-get install ${name}`);
    }
  });
}

/**
 * @param {string[]} prefix
 * @param {string[]} args
 */
async function aptGet(prefix, args) {
  const command = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
  await run(/** @type {string} */ (command[0]), command.slice(1), { maxBuffer: 64 << 20 });
}

/** Prefix that runs a command as root without a password; `undefined` if there is none. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
    return ['sudo', '-n'];
  } catch {
    return undefined;
  }
}
