import { moduleGraph, withGraph } from '../../scripts/module-graph.mjs';
import type { CruisedModule } from './import-rules.js';

/** Reports a module graph that differs from the imports, with the command that updates it. */
export function moduleGraphProblems(file: string, text: string, modules: readonly CruisedModule[]): string[] {
  const isCurrent = withGraph(text, moduleGraph(modules)) === text;
  return isCurrent ? [] : [`${file} shows another module graph than the imports make; update it with: npm run graph`];
}
