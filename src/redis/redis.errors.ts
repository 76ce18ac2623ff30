import { UnavailableError } from '../common/index.js';
import type { RedisRole } from './inject-redis.decorator.js';

/** The command was not sent, because the connection is down or its circuit breaker is open. */
export class RedisUnavailableError extends UnavailableError {
  constructor(role: RedisRole) {
    super(`Redis is unavailable: the ${role} connection is down, or its circuit breaker is open`);
  }
}

/** No reply within the command timeout; the server may still run the command. */
export class RedisTimeoutError extends UnavailableError {
  constructor() {
    // The text of ioredis, by which BullMQ recognises its own errors.
    super('Command timed out');
  }
}

/** A Cluster has redirected the command too often, as it does when the keys of the command are on two masters. */
export class TooManyRedirectionsError extends UnavailableError {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Redis refused a command for lack of rights; no retry changes that, only another user or another ACL rule. */
export class RedisRefusedError extends UnavailableError {
  constructor(role: RedisRole, reply: Error) {
    // Without the arguments, which Redis quotes for an unknown command.
    const [reason] = reply.message.trim().split(', with args');
    super(`Redis refuses a command on the ${role} connection: ${reason}`, { cause: reply });
  }
}
