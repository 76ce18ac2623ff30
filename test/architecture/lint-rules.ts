import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './import-rules.js';

/** Report of ESLint with the configuration of this repository. */
export interface LintReport {
  /** One list for each set of files; `at` is `path:line`. */
  readonly problems: readonly (readonly { readonly rule: string; readonly at: string }[])[];
  /** Rules that the configuration adds to its presets, without those that need types. */
  readonly rules: readonly string[];
}

/** @param sets of files that need not exist: source by path */
export async function lint(sets: readonly Readonly<Record<string, string>>[]): Promise<LintReport> {
  const running = promisify(execFile)(process.execPath, [join(import.meta.dirname, 'lint-planted.mjs')], { cwd: ROOT });
  running.child.stdin?.end(JSON.stringify(sets));
  return JSON.parse((await running).stdout) as LintReport;
}
