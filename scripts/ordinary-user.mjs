import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StepError } from './steps.mjs';

/** @typedef {{ uid: number, gid: number, closed?: string }} Account `closed`: a folder on the way it may not enter */

/**
 * PostgreSQL refuses to run as root. The account to run it as then: the owner of its data, or `postgres`, made when
 * missing. `undefined` when we are an ordinary user ourselves.
 *
 * @param {string} directory the data directory, or where it will be made
 * @returns {Account | undefined}
 */
export function ordinaryUser(directory) {
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
export function asOrdinaryUser(account, program, args) {
  if (account === undefined) return [program, args, {}];
  const { uid, gid } = account;
  const closed = account.closed ?? closedDirectory(realpathSync(program));
  if (closed === undefined) return [program, args, { uid, gid }];
  // A checkout under /root or in a private temporary folder: the account may not even enter it. It is let through
  // closed doors, which root could do anyway, without becoming root.
  const lent = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  const become = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...lent];
  if (!works('setpriv', [...become, 'test', '-x', program])) {
    throw new StepError(
      `PostgreSQL does not run as root, and no other account may enter ${closed}.`,
      `Move the checkout to a folder all may enter (/opt, /srv), or run as an ordinary user, or: chmod o+x ${closed}`,
    );
  }
  return ['setpriv', [...become, program, ...args], {}];
}

function postgresAccount() {
  if (!works('id', ['-u', 'postgres'])) {
    const account = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'];
    if (!works('useradd', account)) {
      throw new StepError(
        'PostgreSQL does not run as root, and the account `postgres` could not be made.',
        'Run as an ordinary user, or make the account: useradd --system --user-group postgres',
      );
    }
  }
  const read = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: read('-u'), gid: read('-g') };
}

/**
 * The first folder on the way to `path` that others may not enter.
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
