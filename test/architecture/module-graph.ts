import { moduleGraph, withGraph } from '../../scripts/module-graph.mjs';
import type { CruisedModule } from './import-rules.js';

/** Names the command that updates the module graph of a document when it is not that of the imports. */
export function moduleGraphProblems(file: string, text: string, modules: readonly CruisedModule[]): string[] {
  const isCurrent = withGraph(text, moduleGraph(modules)) === text;
  return isCurrent ? [] : [`${file} shows another module graph than the imports make; update it with: npm run graph`];
}
