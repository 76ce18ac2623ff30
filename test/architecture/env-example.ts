import { settingsOf, type Setting } from '../../scripts/env-settings.mjs';

interface ExampleLine {
  readonly value: string;
  readonly comment: string;
}

/**
 * Differences between `.env.example` and `config/env.ts`: every variable must occur as `#NAME=default` below a comment
 * that names its bounds or choices, and no other variable unless a script reads it.
 */
export function envExampleProblems(envSource: string, example: string, scripts: string): string[] {
  const settings = settingsOf(envSource);
  const shown = shownIn(example);
  const missing = settings.filter(({ name }) => !shown.has(name)).map(({ name }) => `${name} is missing`);
  const unknown = [...shown.keys()]
    .filter((name) => !settings.some((each) => each.name === name) && !scripts.includes(`process.env.${name}`))
    .map((name) => `${name} is read by nothing`);
  return [...missing, ...unknown, ...settings.flatMap((setting) => differences(setting, shown.get(setting.name)))];
}

function differences(setting: Setting, line: ExampleLine | undefined): string[] {
  if (line === undefined) return [];
  const { name, limits, isDocumented } = setting;
  const unnamed = limits.filter((limit) => !new RegExp(`\\b${limit}\\b`).test(line.comment));
  return [
    ...(line.value === setting.default ? [] : [`${name} shows "${line.value}", its default is "${setting.default}"`]),
    ...(line.comment === '' ? [`${name} has no comment above it`] : []),
    ...(unnamed.length > 0 ? [`${name} has a comment that does not name ${unnamed.join(', ')}`] : []),
    ...(isDocumented ? [] : [`${name} has no doc comment in config/env.ts`]),
  ];
}

/** Variables by name, each with its value and the comment lines right above it. */
function shownIn(example: string): Map<string, ExampleLine> {
  const shown = new Map<string, ExampleLine>();
  let comment: string[] = [];
  for (const line of example.split('\n')) {
    const [, name, value = ''] = /^#([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) shown.set(name, { value, comment: comment.join(' ') });
    comment = /^# (?!---)/.test(line) ? [...comment, line.slice(2)] : [];
  }
  return shown;
}
