/**
 * Exits with a message on an unsupported Node: one too old to load the other files, or one from 26 on, which reads
 * bodies of upgrade requests differently. Import only this statically, the rest after it: an old Node fails
 * while linking imports, before the first line runs.
 */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || (major > 22 && major < 26)) return;
  process.stderr.write(
    `EcoGreen Seoul API needs Node 20.19 or newer (22.12 or newer of 22), below 26; this is ${process.version}.\n\n` +
      '  Install it from https://nodejs.org, or with a version manager: nvm install 20 && nvm use 20\n',
  );
  process.exit(1);
}
