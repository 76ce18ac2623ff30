const begin = '<!-- module graph, written by `npm run graph` -->';
const end = '<!-- end of the module graph -->';

/** Nearly every module imports it: its arrows would hide all others. */
const leftOut = 'common';

/**
 * The modules and who imports whom, as a Mermaid diagram.
 *
 * @typedef {{ source: string, dependencies: readonly { resolved: string }[] }} CruisedFile one of dependency-cruiser
 * @param {readonly CruisedFile[]} files
 */
export function moduleGraph(files) {
  const production = files.filter(({ source }) => moduleOf(source) !== undefined && !source.endsWith('.spec.ts'));
  const arrows = production.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved }) => ({ from: moduleOf(source), to: moduleOf(resolved) })),
  );
  const drawn = arrows.filter(({ from, to }) => to !== undefined && from !== to && to !== leftOut);
  const joined = new Set(drawn.flatMap(({ from, to }) => [from, to]));
  const names = production.map(({ source }) => moduleOf(source));
  const alone = names.filter((name) => name !== leftOut && !joined.has(name));
  const lines = new Set([...alone, ...drawn.map(({ from, to }) => `${from} --> ${to}`)].sort());
  return ['```mermaid', 'flowchart TD', ...[...lines].map((line) => `  ${line}`), '```'].join('\n');
}

/**
 * The text with this graph between its markers.
 *
 * @param {string} text
 * @param {string} graph
 */
export function withGraph(text, graph) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`No place for the module graph: write ${begin} and ${end} around it`);
  return `${text.slice(0, from)}${begin}\n${graph}\n${text.slice(to)}`;
}

/** @param {string} path */
function moduleOf(path) {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}
