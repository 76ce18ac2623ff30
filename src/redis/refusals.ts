import type { RedisRole } from './inject-redis.decorator.js';

/**
 * Replies by which a server refuses a command to the user we are, whatever its arguments: who we are, what we may do,
 * and commands it has been configured not to know. Inside a script Redis 7.0 has words of its own.
 */
const REFUSAL = new RegExp(
  [
    '^(NOPERM|NOAUTH|WRONGPASS|DENIED)\\b',
    '^ERR (The user executing the script|ACL failure in script)',
    '^ERR unknown (redis )?command',
  ].join('|'),
  'i',
);

/** Redis has refused a command for lack of rights; no retry changes that, only another user or another rule. */
export class RedisRefusedError extends Error {
  constructor(role: RedisRole, reply: Error) {
    // Without the arguments, which Redis quotes when it does not know the command.
    const [reason] = reply.message.trim().split(', with args');
    super(`Redis refuses a command on the ${role} connection: ${reason}`, { cause: reply });
    this.name = 'RedisRefusedError';
  }
}

/** Whether a reply refuses a command for lack of rights. */
export function isRefusal(error: Error): boolean {
  return REFUSAL.test(error.message);
}
