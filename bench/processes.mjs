import { once } from 'node:events';

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
