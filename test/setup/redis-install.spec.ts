import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findRedis } from '../../scripts/redis.mjs';
import { findProgram } from '../../scripts/system-packages.mjs';

const redis = findRedis() ?? '';
const probe = `import('./scripts/redis.mjs').then((redis) => redis.findOrInstallRedis())
  .catch((error) => error.message + '|' + error.hint).then(console.log)`;

/** PATH with these programs only: shell scripts, or links to installed programs if the script is empty. */
function pathOf(programs: Readonly<Record<string, string>>): string {
  const bin = mkdtempSync(join(process.env.TEST_RUN_DIR ?? '', 'bin-'));
  for (const [name, script] of Object.entries({ env: '', ...programs })) {
    if (script === '') symlinkSync(findProgram(name) ?? '', join(bin, name));
    else writeFileSync(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, { mode: 0o755 });
  }
  return bin;
}

/** Output of the search for Redis with this PATH. */
function search(PATH: string): string {
  return execFileSync(process.execPath, ['-e', probe], {
    cwd: resolve(__dirname, '..', '..'),
    env: { PATH },
    encoding: 'utf8',
  });
}

describe('Redis for npm start', () => {
  it('uses the redis-server or valkey-server on the PATH', () => {
    const valkey = pathOf({ 'valkey-server': `exec ${redis} "$@"` });
    expect(search(valkey)).toBe(`${join(valkey, 'valkey-server')}\n`);
  });

  it('is installed with apt-get after a message, with an updated package list', () => {
    const bin = pathOf({
      sudo: 'shift; exec "$@"',
      'apt-get': `cd "$(dirname "$0")"; echo "$@" >> calls
        if [ "$1" = update ]; then touch lists; exit 0; fi
        [ -e lists ] || { echo 'E: Unable to locate package' >&2; exit 100; }
        ln -s ${redis} redis-server`,
    });
    const output = search(bin);
    expect(output).toMatch(/installing it now: (sudo -n )?apt-get install -y --no-install-recommends redis-server\n/);
    expect(output.trimEnd()).toMatch(new RegExp(`${join(bin, 'redis-server')}$`));
    const install = 'install -y --no-install-recommends redis-server';
    expect(readFileSync(join(bin, 'calls'), 'utf8')).toBe(`${install}\nupdate\n${install}\n`);
  });

  it.each([
    ['brew', 'brew install redis'],
    ['dnf', 'sudo dnf install valkey'],
    ['apk', 'sudo apk add valkey'],
    ['nothing', 'docker run --detach --name ecogreen-redis'],
  ])('is installed with one command, which a message names for %s', (manager, hint) => {
    const output = search(pathOf({ [manager]: 'exit 1' }));
    expect(output).toContain(`Redis 7 or newer (or Valkey) is not on this machine.|${hint}`);
  });

  it('is not found if it is older than version 7', () => {
    const old = pathOf({ 'redis-server': 'echo "Redis server v=6.0.16 sha=00000000:0"' });
    expect(search(old)).toContain('is not on this machine');
  });
});
