import { findProgram, installCommand, installSystemPackage } from './system-packages.mjs';
import { StepError } from './steps.mjs';

/** Chromium for the tests in a browser; its path is put into CHROMIUM, where they look. */
export async function findOrInstallChromium() {
  process.env.CHROMIUM ??= findChromium() ?? (await install());
  return process.env.CHROMIUM;
}

function findChromium() {
  return findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
}

async function install() {
  const cure = installCommand({
    brew: '--cask chromium', apt: 'chromium', dnf: 'chromium', apk: 'chromium',
    otherwise: 'Install Chromium, or name one: CHROMIUM=/path/to/chrome npm run test:browser',
  });
  await installSystemPackage({ apt: 'chromium', what: 'Chromium', cure });
  const installed = findChromium();
  if (installed === undefined) throw new StepError('The chromium package brought no `chromium` program.', cure);
  return installed;
}
