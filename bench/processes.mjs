import { once } from 'node:events';

/** Whether a child process is over, in whatever way. */
export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Ends a child process of ours and waits until it is gone. */
export async function endChild(child) {
  if (!hasEnded(child)) await Promise.all([once(child, 'exit'), child.kill()]);
}
