import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/processes.mjs';
import { findOrInstallNginx } from '../../scripts/test-programs.mjs';
import { until } from './until.js';

/** An nginx process in front of instances. */
export interface Nginx {
  readonly origin: string;
  /** Warnings and errors so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts an nginx that balances over the instances, with persistent connections. */
export async function startNginx(origins: readonly string[]): Promise<Nginx> {
  const folder = await mkdtemp(join(process.env.TEST_RUN_DIR ?? tmpdir(), 'nginx-'));
  const port = await freePort();
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const file = join(folder, 'nginx.conf');
  await writeFile(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
     events {}
     http {
       access_log off; ${temporary.join(' ')}
       upstream api { ${origins.map((origin) => `server ${new URL(origin).host};`).join(' ')} keepalive 32; }
       server {
         listen 127.0.0.1:${port};
         location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }
       }
     }`,
  );
  const args = ['-c', file, '-p', folder, '-e', 'stderr'];
  const child = spawn(await findOrInstallNginx(), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  const origin = `http://127.0.0.1:${port}`;
  await until(() => fetch(`${origin}/health/live`).then(({ ok }) => ok, () => false));
  return {
    origin,
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
