// Lints the sources on standard input, a JSON list of { path: source }, as files of the repository. A separate process,
// because ESLint imports its configuration, which Jest does not support.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import configuration from '../../eslint.config.mjs';

/** Disables rules that need types, for which the files would have to exist. */
const WITHOUT_TYPES = tseslint.configs.disableTypeChecked;

const eslint = new ESLint({ overrideConfig: WITHOUT_TYPES });

/** @type {Record<string, string>[]} */
const planted = JSON.parse(await text(process.stdin));
const problems = await Promise.all(planted.map(problemsIn));

// Only presets have names.
const own = configuration.filter(({ name }) => name === undefined).flatMap(({ rules = {} }) => Object.entries(rules));
const active = own.filter(([rule, setting]) => setting !== 'off' && !(rule in (WITHOUT_TYPES.rules ?? {})));
const rules = [...new Set(active.map(([rule]) => rule))];

process.stdout.write(JSON.stringify({ problems, rules }));

/** @param {Record<string, string>} files */
async function problemsIn(files) {
  const found = [];
  for (const [path, source] of Object.entries(files)) {
    const [result] = await eslint.lintText(source, { filePath: path });
    found.push(...(result?.messages ?? []).map(({ line, ruleId }) => ({ at: `${path}:${line}`, rule: ruleId })));
  }
  return found;
}
