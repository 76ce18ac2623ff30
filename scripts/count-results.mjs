import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Prints `N passed, N failed` over all results in a folder, each as Jest writes them; fails unless all passed. */
const [folder = '.'] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
const results = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const sum = (/** @type {string} */ field) => results.reduce((total, result) => total + (result[field] ?? 0), 0);

const passed = sum('numPassedTests');
// A suite that does not even load has no failed test, yet it failed.
const failed = sum('numFailedTests') + sum('numRuntimeErrorTestSuites');
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
