import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StepError } from './steps.mjs';

/** @typedef {{ uid: number, gid: number, closed?: string }} Account `closed`: a parent folder it may not enter */

/**
 * The account that runs PostgreSQL, which refuses to run as root: the owner of its data, or `postgres`, created if
 * missing. `undefined` when this process does not run as root.
 *
 * @param {string} directory the data directory, existing or not
 * @returns {Account | undefined}
 */
export function unprivilegedAccount(directory) {
  if (process.getuid?.() !== 0) return undefined;
  const owner = existsSync(join(directory, 'PG_VERSION')) ? statSync(directory) : { uid: 0, gid: 0 };
  const { uid, gid } = owner.uid === 0 ? postgresAccount() : owner;
  return { uid, gid, closed: closedDirectory(directory) };
}

/**
 * The command that runs a program as this account, for `spawn` or `execFile`.
 *
 * @param {Account | undefined} account
 * @param {string} program
 * @param {string[]} args
 * @returns {[string, string[], { uid?: number, gid?: number }]}
 */
export function asUnprivilegedAccount(account, program, args) {
  if (account === undefined) return [program, args, {}];
  const { uid, gid } = account;
  const closed = account.closed ?? closedDirectory(realpathSync(program));
  if (closed === undefined) return [program, args, { uid, gid }];
  // The account may not enter a checkout under /root or in a private temporary folder. It gets the capability to
  // ignore file permissions, without becoming root.
  const capabilities = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  const setprivArgs = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capabilities];
  if (!works('setpriv', [...setprivArgs, 'test', '-x', program])) {
    throw new StepError(
      `PostgreSQL does not run as root, and no other account may enter ${closed}.`,
      `Move the checkout to a folder all may enter (/opt, /srv), or run as an ordinary user, or: chmod o+x ${closed}`,
    );
  }
  return ['setpriv', [...setprivArgs, program, ...args], {}];
}

function postgresAccount() {
  if (!works('id', ['-u', 'postgres'])) {
    const account = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'];
    if (!works('useradd', account)) {
      throw new StepError(
        'PostgreSQL does not run as root, and the account `postgres` could not be created.',
        'Run as an ordinary user, or create the account: useradd --system --user-group postgres',
      );
    }
  }
  const read = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: read('-u'), gid: read('-g') };
}

/**
 * The first parent folder of `path` that other users may not enter.
 *
 * @param {string} path
 * @returns {string | undefined}
 */
function closedDirectory(path) {
  const parent = dirname(path);
  const above = parent === path ? undefined : closedDirectory(parent);
  return above ?? (isOpen(parent) ? undefined : parent);
}

/** @param {string} directory */
function isOpen(directory) {
  return (statSync(directory).mode & 0o001) !== 0;
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function works(command, args) {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
