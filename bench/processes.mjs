import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const children = new Set();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** Sees to it that a child does not outlive this process, however it ends. */
export function own(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Whether a child process is over, in whatever way. */
export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Ends a child process of ours and waits until it is gone. */
export async function endChild(child) {
  if (!hasEnded(child)) await Promise.all([once(child, 'exit'), child.kill()]);
}

/** CPU time that a process has used so far, in steps of 10 ms; only Linux reports it. */
export function cpuMicrosOf(pid) {
  if (process.platform !== 'linux') return NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10_000;
}
