import type { RedisRole } from './inject-redis.decorator.js';

/**
 * Error replies that refuse a command regardless of its arguments: failed authentication, missing rights, and commands
 * that the configuration of the server disables. Redis 7.0 uses other messages inside scripts.
 */
const REFUSAL = new RegExp(
  [
    '^(NOPERM|NOAUTH|WRONGPASS|DENIED)\\b',
    '^ERR (The user executing the script|ACL failure in script)',
    '^ERR unknown (redis )?command',
  ].join('|'),
  'i',
);

/** Redis refused a command for lack of rights; no retry changes that, only another user or another ACL rule. */
export class RedisRefusedError extends Error {
  constructor(role: RedisRole, reply: Error) {
    // Without the arguments, which Redis quotes for an unknown command.
    const [reason] = reply.message.trim().split(', with args');
    super(`Redis refuses a command on the ${role} connection: ${reason}`, { cause: reply });
    this.name = 'RedisRefusedError';
  }
}

/** Whether an error reply refuses a command for lack of rights. */
export function isRefusal(error: Error): boolean {
  return REFUSAL.test(error.message);
}
