import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Root folder of the repository. */
export const ROOT = join(import.meta.dirname, '../..');

/** Result of dependency-cruiser for `src/` and `scripts/` of a folder. */
export interface Cruise {
  /** Names of all rules of `.dependency-cruiser.cjs`. */
  readonly rules: readonly string[];
  readonly violations: readonly Violation[];
  readonly modules: readonly CruisedModule[];
}

export interface CruisedModule {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string }[];
}

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

interface Report {
  modules: Cruise['modules'];
  summary: {
    violations: { from: string; to: string; rule: { name: string } }[];
    ruleSetUsed: { forbidden: { name: string }[] };
  };
}

/** Checks the imports of a folder by the rules of this repository. */
export async function cruise(root: string): Promise<Cruise> {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, 'src', 'scripts', '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  // The exit code is the number of violations; output without a report means that the program failed.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 2 ** 28 }).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser did not report: ${stdout}${stderr}`);
  const { modules, summary } = JSON.parse(stdout) as Report;
  return {
    modules,
    rules: summary.ruleSetUsed.forbidden.map(({ name }) => name),
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}
