import { settingsOf } from './env-settings.mjs';

/** @typedef {import('./env-settings.mjs').Setting} Setting */

const HEAD = `# Settings

<!-- Generated from src/config/env.ts by \`npm run settings\`. Do not edit. -->

\`npm start\` needs no setting. Settings are environment variables. \`npm start\`, \`npm run dev\` and Docker Compose
also read a file \`.env\` in the root of the repository; the environment takes precedence. An empty value counts as not
set. All settings are validated at start: the process stops and names each invalid variable and its rule, with the
value unless it may be secret. A duration is a whole number with a unit: \`500ms\`, \`30s\`, \`10m\`, \`2h\`, \`14d\`.
[.env.example](../.env.example) is a template.

| variable | default | values | meaning |
|---|---|---|---|
`;

/**
 * The text of `docs/settings.md`.
 *
 * @param {string} envSource text of `src/config/env.ts`
 */
export function settingsDocument(envSource) {
  return `${HEAD}${settingsOf(envSource).map(rowOf).join('')}`;
}

/** @param {Setting} setting */
function rowOf(setting) {
  const { name, meaning, defaultNote } = setting;
  const shown = setting.default === '' ? defaultNote || 'none' : code(setting.default);
  const cells = [code(name), shown, valuesOf(setting), meaning];
  return `| ${cells.map((cell) => linked(cell.replaceAll('|', '\\|'))).join(' | ')} |\n`;
}

/** @param {Setting} setting */
function valuesOf({ kind, limits }) {
  const [first = '', second = ''] = limits;
  switch (kind) {
    case 'integer':
    case 'durationMs':
      return `${code(first)} to ${code(second)}`;
    case 'oneOf':
      return limits.map(code).join(', ');
    case 'secrets':
      return `list; ${first} random characters or more each`;
    case 'optionalSecret':
      return `${first} random characters or more`;
    case 'networks':
    case 'origins':
      return 'list';
    case 'url':
    case 'redisAddress':
      return 'URL';
    default:
      return 'text';
  }
}

/** @param {string} text */
function code(text) {
  return `\`${text}\``;
}

/**
 * Paths of other documents as links from `docs/`.
 *
 * @param {string} text
 */
function linked(text) {
  return text.replaceAll(/`docs\/([\w-]+)[.]md(#[\w-]+)?`/g, '[$1.md]($1.md$2)');
}
