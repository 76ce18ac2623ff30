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

/** Chromium for the tests in a browser; they look for its path in CHROMIUM. */
export async function findOrInstallChromium() {
  process.env.CHROMIUM ??= await findOrInstall({
    what: 'Chromium',
    find: () => findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'),
    packages: { brew: '--cask chromium', apt: 'chromium', dnf: 'chromium', apk: 'chromium' },
    otherwise: 'Install Chromium, or name one: CHROMIUM=/path/to/chrome npm run test:browser',
  });
}
