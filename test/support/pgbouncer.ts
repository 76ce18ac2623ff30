import { spawn } from 'node:child_process';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { asUnprivilegedAccount, unprivilegedAccount } from '../../scripts/unprivileged-account.mjs';
import { endProcess } from '../../scripts/processes.mjs';
import { findPgBouncer } from '../../scripts/test-programs.mjs';
import { provideServer, type ProvidedServer } from './services.js';
import { until } from './until.js';

/** Starts a PgBouncer in front of the PostgreSQL of `databaseUrl`, in transaction mode with three connections. */
export async function providePgBouncer(databaseUrl: string): Promise<ProvidedServer> {
  const program = findPgBouncer();
  if (program === undefined) throw new Error('no pgbouncer on this machine; npm test installs one');
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl);
  return provideServer('pgbouncer', {
    start: async (directory, port) => {
      const account = unprivilegedAccount(directory);
      const file = join(directory, 'pgbouncer.ini');
      await mkdir(directory, { recursive: true });
      await writeFile(file, [
        '[databases]',
        `* = host=${hostname} port=${serverPort} user=${username} password=${password}`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
        'unix_socket_dir =',
        'auth_type = any',
        'pool_mode = transaction',
        'default_pool_size = 3',
      ].join('\n'));
      if (account !== undefined) await chown(directory, account.uid, account.gid);
      const [command, args, options] = asUnprivilegedAccount(account, program, ['--quiet', file]);
      const child = spawn(command, args, { ...options, stdio: 'ignore' });
      await until(() => accepts(port));
      const pid = child.pid ?? 0;
      return { pid, stop: () => endProcess(pid, 'SIGINT') };
    },
    signal: (pid, signal) => void process.kill(pid, signal),
    urlOf: (port) => `postgres://${username}:${password}@127.0.0.1:${port}${pathname}`,
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}
