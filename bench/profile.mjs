import { on } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from './report.mjs';

const ROOT = join(import.meta.dirname, '..');
/** The options of `node` that make a process ready to be profiled. */
export const PROFILER = ['--import', new URL('profiler.mjs', import.meta.url).href];

/** Where a profile is written: what was there is gone. */
export function profileFile(name) {
  const directory = join(ROOT, '.data/bench');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${name}.cpuprofile`);
  rmSync(file, { force: true });
  return file;
}

/** Profiles a child process that was started with `PROFILER` and IPC, while the work is done. */
export async function profileWhile(child, work) {
  await request(child, 'profile: start', 'profile: started');
  await work();
  await request(child, 'profile: stop', 'profile: written');
}

async function request(child, order, answer) {
  child.send(order);
  for await (const [message] of on(child, 'message')) if (message === answer) return;
}

/** The functions of a .cpuprofile with the most time of their own, and the folders and packages they are in. */
export function topOf(file, rows) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
  const own = new Map();
  samples.forEach((id, index) => own.set(id, (own.get(id) ?? 0) + timeDeltas[index]));
  const idle = nodes.filter(isNoWork);
  const all = [...own.values()].reduce((sum, time) => sum + time, 0);
  const busy = all - idle.reduce((sum, { id }) => sum + (own.get(id) ?? 0), 0);
  const byFunction = new Map();
  const byPlace = new Map();
  addUp(nodes, own, { byFunction, byPlace });
  const percent = (time) => `${((time / busy) * 100).toFixed(1)} %`;
  const most = (times, figure) => [...times.values()].sort((a, b) => b[figure] - a[figure]);
  const functions = most(byFunction, 'self').slice(0, rows);
  const places = most(byPlace, 'self').slice(0, 25);
  const lines = functions.map(({ self, total, name }) => [percent(self), percent(total), name]);
  return [
    `${(busy / 1000).toFixed(0)} ms busy of ${(all / 1000).toFixed(0)} ms; percents of the busy time`,
    table(['self', 'with callees', 'function'], lines),
    table(['self', 'where'], places.map(({ self, name }) => [percent(self), name])),
    `The whole profile: ${file}\n`,
  ].join('\n\n');
}

function addUp(nodes, own, { byFunction, byPlace }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const add = (times, name, figure, time) => {
    if (!times.has(name)) times.set(name, { name, self: 0, total: 0 });
    times.get(name)[figure] += time;
  };
  const visit = (node, above) => {
    const { functionName, url, lineNumber } = node.callFrame;
    const place = placeOf(url);
    const name = `${functionName || '(anonymous)'} ${place.file}:${lineNumber + 1}`;
    if (isNoWork(node)) return 0;
    const self = own.get(node.id) ?? 0;
    // A function that calls itself counts its time once.
    const within = above.has(name) ? above : new Set(above).add(name);
    const below = (node.children ?? []).reduce((sum, id) => sum + visit(byId.get(id), within), 0);
    add(byFunction, name, 'self', self);
    add(byPlace, place.folder, 'self', self);
    if (!above.has(name)) add(byFunction, name, 'total', self + below);
    return self + below;
  };
  visit(nodes[0], new Set());
}

/** Waiting, and the profiler itself (`dispatch`). */
function isNoWork({ callFrame: { functionName, url } }) {
  return url === '' && ['(idle)', '(program)', 'dispatch'].includes(functionName);
}

/** Where a script is: a package, a folder of the application, or Node itself. */
function placeOf(url) {
  if (url === '') return { file: '', folder: '(native)' };
  if (url.startsWith('node:')) return { file: url, folder: 'node' };
  const full = url.startsWith('file:') ? fileURLToPath(url) : url;
  const path = full.replace(`${ROOT}/`, '').replace(/^.*node_modules\//, '');
  const isPackage = url.includes('/node_modules/');
  const depth = isPackage ? (path.startsWith('@') ? 2 : 1) : 3;
  const parts = path.split('/');
  return { file: path, folder: parts.slice(0, Math.min(depth, Math.max(1, parts.length - 1))).join('/') };
}
