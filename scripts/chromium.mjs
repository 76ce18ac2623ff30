import { findProgram, installCommand, installSystemPackage } from './system-packages.mjs';
import { StepError } from './steps.mjs';

/** Chromium for the tests in a browser; its path is put into CHROMIUM_PATH, where they look. */
export async function findOrInstallChromium() {
  process.env.CHROMIUM_PATH ??= findChromium() ?? (await install());
  return process.env.CHROMIUM_PATH;
}

function findChromium() {
  return findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
}

async function install() {
  const cure = installCommand({
    brew: '--cask chromium', apt: 'chromium', dnf: 'chromium', apk: 'chromium',
    otherwise: 'Install Chromium, or name one: CHROMIUM_PATH=/path/to/chrome npm run test:browser',
  });
  await installSystemPackage({ apt: 'chromium', what: 'Chromium', cure });
  const installed = findChromium();
  if (installed === undefined) throw new StepError('The chromium package brought no `chromium` program.', cure);
  return installed;
}
