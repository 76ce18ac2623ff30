import { Command, type Redis } from 'ioredis';
import { CircuitBreaker, RedisUnavailableError, type BreakerRule } from './circuit-breaker.js';
import type { GuardedRole } from './inject-redis.decorator.js';
import { isRefusal, RedisRefusedError } from './refusals.js';

type Send = Redis['sendCommand'];

/** What a breaker needs of a connection, or of a connection to many servers. */
export interface Guardable {
  readonly status: string;
  readonly options: { readonly enableOfflineQueue?: boolean };
  sendCommand(...args: Parameters<Send>): ReturnType<Send>;
  disconnect(reconnect?: boolean): void;
  on(event: 'ready', listener: () => void): unknown;
}

/** Called with what becomes of the commands of a connection. */
export interface ConnectionObserver {
  readonly onChange: BreakerRule['onChange'];
  /** A command was refused for lack of rights; the breaker stays closed, since others may work. */
  onRefusal(error: RedisRefusedError): void;
}

const RETRY_MS = 500;
/**
 * A store that is refused refuses its request: only a row of failures is reason enough. A cache that is refused costs
 * a load: the first command without an answer is reason enough, and one request never waits twice.
 */
const FAILURES_BEFORE_OPEN: Readonly<Record<GuardedRole, number>> = { store: 5, cache: 1 };
const TIMED_OUT = 'Command timed out';
/** Rejection of ioredis while the socket has ended and the status is still `ready`: the command was not sent. */
const NOT_SENT = "Stream isn't writeable";
/** Replies by which a server says that it cannot serve anybody. `OOM` is none: reads, evicts and logouts still work. */
const CANNOT_SERVE = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN)\b/;

/**
 * Puts a breaker before every command of a connection, whoever sends it. Without a connection it is as good as open;
 * only the handshake of ioredis has to pass, which it sends as soon as it is connected, and what the node of a Cluster
 * keeps until it is.
 */
export function guardConnection(
  role: GuardedRole,
  client: Guardable,
  observer: ConnectionObserver,
): CircuitBreaker {
  const send = client.sendCommand.bind(client);
  const breaker = new CircuitBreaker({
    failures: FAILURES_BEFORE_OPEN[role],
    retryMs: RETRY_MS,
    probe: () => probe(role, client, send),
    onChange: observer.onChange,
  });
  const translate = (error: Error): Error => {
    if (error.message.startsWith(NOT_SENT)) return new RedisUnavailableError(role);
    if (!isRefusal(error)) return error;
    const refused = new RedisRefusedError(role, error);
    observer.onRefusal(refused);
    return refused;
  };
  client.sendCommand = (command, stream) => {
    const isOpening = client.status === 'connect' || client.options.enableOfflineQueue === true;
    if (client.status !== 'ready' && isOpening) return send(command, stream);
    if (client.status === 'ready' && breaker.state === 'closed') {
      return send(instrument(command, breaker, translate), stream);
    }
    command.reject(new RedisUnavailableError(role));
    return command.promise;
  };
  client.on('ready', () => {
    breaker.retry();
  });
  return breaker;
}

/** The connection of a role that is at the end of its patience is made anew: its peer may be gone without a word. */
async function probe(role: GuardedRole, client: Guardable, send: Send): Promise<void> {
  const command = writeProbe(role);
  try {
    await send(command);
  } catch (error) {
    if (isTimeout(error)) client.disconnect(true);
    if (client.status !== 'ready' || isOutage(error)) throw error;
  }
}

/** A write, since a server that answers PING may be a replica. */
function writeProbe(role: GuardedRole): Command {
  return new Command('set', [`probe:{${role}}`, '1', 'PX', 1_000], { replyEncoding: 'utf8' });
}

/**
 * Hooks into the command's own callbacks: a promise more for each command would be felt on the hot path. They are given
 * back with the first error, since a Cluster may send the command to another node then, whose breaker is none of this
 * one's business; and since a reply that comes after the time limit is no success.
 */
function instrument(command: Command, breaker: CircuitBreaker, translate: (error: Error) => Error): Command {
  const { reject, resolve } = command;
  command.reject = (error) => {
    command.reject = reject;
    command.resolve = resolve;
    if (isTimeout(error)) breaker.failed(error.message);
    else if (CANNOT_SERVE.test(error.message)) breaker.open(error.message);
    reject.call(command, translate(error));
  };
  if (!breaker.hasFailures) return command;
  command.resolve = (result) => {
    breaker.succeeded();
    resolve.call(command, result);
  };
  return command;
}

function isTimeout(error: unknown): boolean {
  return messageOf(error) === TIMED_OUT;
}

function isOutage(error: unknown): boolean {
  return isTimeout(error) || CANNOT_SERVE.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
