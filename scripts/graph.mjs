// npm run graph: generates the module graph in docs/architecture.md from the imports.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moduleGraph, withGraph } from './module-graph.mjs';

const root = join(import.meta.dirname, '..');
const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const args = [cruiser, 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
const report = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 }));
const graph = moduleGraph(report.modules);

const name = 'docs/architecture.md';
const file = join(root, name);
const before = readFileSync(file, 'utf8');
const after = withGraph(before, graph);
if (after !== before) writeFileSync(file, after);
process.stdout.write(`${name}: ${after === before ? 'up to date' : 'written'}\n`);
