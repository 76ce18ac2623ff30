import { Command, type Redis } from 'ioredis';
import { CircuitBreaker, type BreakerRule } from './circuit-breaker.js';
import type { GuardedRole } from './inject-redis.decorator.js';
import { observeCommand, replaceSendCommand, type SendCommand } from './ioredis-patches.js';
import { RedisRefusedError, RedisTimeoutError, RedisUnavailableError } from './redis.errors.js';
import { isRefusal } from './refusals.js';

/** Callbacks for the outcome of a connection's commands. */
export interface ConnectionObserver {
  readonly onChange: BreakerRule['onChange'];
  /** A command was refused for lack of rights; the breaker stays closed, since other commands may work. */
  onRefusal(error: RedisRefusedError): void;
}

const RETRY_MS = 500;
/**
 * Consecutive failures before the breaker opens. Rejecting a command of the store rejects its request, so only a series
 * of failures is sufficient. Rejecting a command of the cache costs a load, so the first timeout is sufficient, and one
 * request never waits twice.
 */
const FAILURES_BEFORE_OPEN: Readonly<Record<GuardedRole, number>> = { store: 5, cache: 1 };
/** Text of ioredis, whose error has no class, if the socket has ended before the status says so. */
const NOT_SENT = "Stream isn't writeable";
/** Error replies of a server that cannot serve any client. Not `OOM`: reads, evictions and logouts still work. */
const CANNOT_SERVE = /^(READONLY|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN)\b/;

/**
 * Puts a circuit breaker in front of all commands of a connection. While there is no connection, commands are rejected
 * as if the breaker were open. Exceptions: the handshake, which ioredis sends as soon as it is connected, and commands
 * that a Cluster node queues until it is connected.
 */
export function guardConnection(role: GuardedRole, client: Redis, observer: ConnectionObserver): CircuitBreaker {
  const breaker = new CircuitBreaker({
    failures: FAILURES_BEFORE_OPEN[role],
    retryMs: RETRY_MS,
    probe: () => probe(role, client, send),
    onChange: observer.onChange,
  });
  const translateUnsent = (error: Error): Error =>
    error.message.startsWith(NOT_SENT) ? new RedisUnavailableError(role) : error;
  const translate = (error: Error): Error => {
    if (!isRefusal(error)) return translateUnsent(error);
    const refused = new RedisRefusedError(role, error);
    observer.onRefusal(refused);
    return refused;
  };
  const send = replaceSendCommand(client, (command, stream) => {
    const isOpening = client.status === 'connect' || client.options.enableOfflineQueue === true;
    // Refusals stay as they are: ioredis recognises those of its handshake by their text.
    if (client.status !== 'ready' && isOpening) {
      return send(observeCommand(command, translateUnsent, undefined), stream);
    }
    if (client.status === 'ready' && breaker.state === 'closed') {
      return send(instrument(command, breaker, translate), stream);
    }
    command.reject(new RedisUnavailableError(role));
    return command.promise;
  });
  client.on('ready', () => {
    breaker.retry();
  });
  return breaker;
}

/**
 * Sends a write probe. If it times out, the connection is re-established: its peer may have disappeared without closing
 * it.
 */
async function probe(role: GuardedRole, client: Redis, send: SendCommand): Promise<void> {
  const command = writeProbe(role);
  try {
    await send(command);
  } catch (error) {
    if (error instanceof RedisTimeoutError) client.disconnect(true);
    if (client.status !== 'ready' || isOutage(error)) throw error;
  }
}

/** A write, since a replica replies to PING too. */
function writeProbe(role: GuardedRole): Command {
  return new Command('set', [`probe:{${role}}`, '1', 'PX', 1_000], { replyEncoding: 'utf8' });
}

/** Reports the outcome of a command to the breaker; successes only while failures are counted. */
function instrument(command: Command, breaker: CircuitBreaker, translate: (error: Error) => Error): Command {
  const onError = (error: Error) => {
    if (error instanceof RedisTimeoutError) breaker.failed(error.message);
    else if (CANNOT_SERVE.test(error.message)) breaker.open(error.message);
    return translate(error);
  };
  return observeCommand(command, onError, breaker.hasFailures ? () => breaker.succeeded() : undefined);
}

function isOutage(error: unknown): boolean {
  return error instanceof RedisTimeoutError || (error instanceof Error && CANNOT_SERVE.test(error.message));
}
