import { existsSync } from 'node:fs';
import { findOrInstall, findProgram } from './system-packages.mjs';

/** curl, with which a test takes the README's tour. */
export function findOrInstallCurl() {
  return findOrInstall({
    what: 'curl',
    find: () => findProgram('curl'),
    packages: { brew: 'curl', apt: 'curl', dnf: 'curl', apk: 'curl' },
    otherwise: 'Install it from https://curl.se, or run the other suites by their names: npm test -- places',
  });
}

/** nginx, behind which a test ends an instance. */
export function findOrInstallNginx() {
  return findOrInstall({
    what: 'nginx',
    // Debian has it in /usr/sbin, which is not on the PATH of everybody.
    find: () => findProgram('nginx') ?? ['/usr/sbin/nginx'].find((path) => existsSync(path)),
    packages: { brew: 'nginx', apt: 'nginx-light', dnf: 'nginx', apk: 'nginx' },
    otherwise: 'Install it from https://nginx.org, or run the other suites by their names: npm test -- places',
  });
}

/** PgBouncer, where it is; Debian has it in /usr/sbin, too. */
export function findPgBouncer() {
  return findProgram('pgbouncer') ?? ['/usr/sbin/pgbouncer'].find((path) => existsSync(path));
}

/** PgBouncer, behind which a test runs the service. */
export function findOrInstallPgBouncer() {
  return findOrInstall({
    what: 'PgBouncer',
    find: findPgBouncer,
    packages: { brew: 'pgbouncer', apt: 'pgbouncer', dnf: 'pgbouncer', apk: 'pgbouncer' },
    otherwise: 'Install it from https://www.pgbouncer.org, or run the other suites by their names: npm test -- places',
  });
}

/** Chromium for the tests in a browser; they look for its path in CHROMIUM. */
export async function findOrInstallChromium() {
  process.env.CHROMIUM ??= await findOrInstall({
    what: 'Chromium',
    find: () => findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'),
    packages: { brew: '--cask chromium', apt: 'chromium', dnf: 'chromium', apk: 'chromium' },
    otherwise: 'Install Chromium, or name one: CHROMIUM=/path/to/chrome npm run test:browser',
  });
}
