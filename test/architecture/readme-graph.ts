import { moduleGraph, withGraph } from '../../scripts/module-graph.mjs';
import type { CruisedModule } from './import-rules.js';

/** Says how to draw the module graph of a README anew when it is not that of the imports. */
export function readmeGraphProblems(file: string, text: string, modules: readonly CruisedModule[]): string[] {
  const isFresh = withGraph(text, moduleGraph(modules)) === text;
  return isFresh ? [] : [`${file} shows another module graph than the imports make; draw it anew with: npm run graph`];
}
