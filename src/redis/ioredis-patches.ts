import type { Socket } from 'node:net';
import { Cluster, Command, Redis, type RedisOptions } from 'ioredis';
import { TimeLimit } from '../common/index.js';
import { RedisTimeoutError, TooManyRedirectionsError } from './redis.errors.js';

/*
 * All replaced and overridden members of ioredis 5.11.1, which has no hooks for these purposes. Each patch names the
 * test that fails without it; to be checked with every upgrade.
 */

/** Private members of ioredis commands. */
interface CommandInternals {
  readonly isResolved: boolean;
  timeLimit?: TimeLimit | undefined;
  reject(error: Error): void;
  setTimeout: (this: CommandInternals, ms: number) => void;
  _clearTimers: (this: CommandInternals) => void;
}

const commands = Command.prototype as unknown as CommandInternals;
const { _clearTimers: clearTimers } = commands;

/**
 * Command timeout as a `TimeLimit`, in every client, including those of Sentinels and Cluster nodes. A plain timer
 * fires before the reply in the socket is read: a busy process would consider its server unavailable.
 * Test: test/redis/breaker.spec.ts, 'does not count a delay of its own event loop towards the timeout of the server'
 */
commands.setTimeout = function (ms) {
  this.timeLimit ??= new TimeLimit(ms, () => {
    if (!this.isResolved) this.reject(new RedisTimeoutError());
  });
};

commands._clearTimers = function () {
  this.timeLimit?.cancel();
  this.timeLimit = undefined;
  clearTimers.call(this);
};

/** Private members of ioredis connections. */
interface ConnectionInternals {
  readonly stream: Socket;
  readonly commandQueue: { readonly length: number };
  readonly options: { readonly socketTimeout: number };
  socketTimeoutTimer: TimeLimit | undefined;
  setSocketTimeout(): void;
}

const connections = Redis.prototype as unknown as ConnectionInternals;

/**
 * Socket timeout as a `TimeLimit`, started when a command is sent and none is running. It ends with its connection, so
 * that it cannot close the next one.
 * Test: test/redis/ioredis-patches.spec.ts, 'keeps a connection whose reply is in the socket when the process is busy'
 */
connections.setSocketTimeout = function () {
  const { stream, commandQueue } = this;
  const ms = this.options.socketTimeout;
  const limit = new TimeLimit(ms, () => stream.destroy(new Error(`Socket timeout: no data for ${ms} ms`)));
  const stop = () => {
    limit.cancel();
    stream.off('data', restart).off('close', stop);
    this.socketTimeoutTimer = undefined;
  };
  const restart = () => {
    stop();
    if (commandQueue.length > 0) this.setSocketTimeout();
  };
  this.socketTimeoutTimer = limit;
  stream.on('data', restart).on('close', stop);
};

export type SendCommand = Redis['sendCommand'];

/**
 * Replaces `sendCommand` of a connection, through which all its commands pass.
 * Test: test/redis/breaker.spec.ts, 'opens for the cache after one timeout'
 * @returns the original
 */
export function replaceSendCommand(client: { sendCommand: SendCommand }, replacement: SendCommand): SendCommand {
  const send = client.sendCommand.bind(client);
  client.sendCommand = replacement;
  return send;
}

/**
 * Replaces the callbacks of the command itself: one more promise per command would be noticeable on the hot path. They
 * are restored on the first error, since a Cluster may then send the command to another node, which has its own
 * breaker, and since a reply after the timeout is not a success.
 * Test: test/redis/breaker.spec.ts, 'opens for the store after one late response and an unanswered probe'
 * @param onError returns the error with which the command rejects
 */
export function observeCommand(
  command: Command,
  onError: (error: Error) => Error,
  onSuccess: (() => void) | undefined,
): Command {
  const { reject, resolve } = command;
  command.reject = (error) => {
    command.reject = reject;
    command.resolve = resolve;
    reject.call(command, onError(error));
  };
  if (onSuccess === undefined) return command;
  command.resolve = (result) => {
    onSuccess();
    resolve.call(command, result);
  };
  return command;
}

/**
 * Calls `onDuplicate` with every connection that BullMQ creates with `duplicate` and closes itself.
 * Test: test/redis/connection-life.spec.ts, 'includes the connections that a queue opens itself'
 */
export function observeDuplicates(redis: Redis | Cluster, onDuplicate: (duplicate: Redis | Cluster) => void): void {
  const duplicate = redis.duplicate.bind(redis) as (...args: unknown[]) => Redis | Cluster;
  redis.duplicate = (...args: unknown[]) => {
    const copy = duplicate(...args);
    onDuplicate(copy);
    return copy as never;
  };
}

/**
 * Handles a rejected ASKING of a Cluster node; unhandled it would end the process. The command that follows it reports
 * the failure.
 * Test: test/redis/cluster.proof.ts, 'tolerates a frozen master during a slot migration'
 */
export function ignoreAskingErrors(node: Redis): void {
  node.asking = () => Redis.prototype.asking.call(node).catch(() => 'OK');
}

/**
 * Cluster whose command timeout begins when a command is called instead of when it is sent to a node. The error after
 * the last redirection has a class, which it has not in ioredis.
 * Test: test/redis/cluster.proof.ts, 'bounds every call while a master is frozen, and continues with its replica'
 * Test: test/redis/cluster.proof.ts, 'rejects a command whose keys are on two masters'
 */
export class BoundedCluster extends Cluster {
  override sendCommand(command: Command, ...rest: unknown[]): unknown {
    command.setTimeout(this.options.redisOptions?.commandTimeout ?? 0);
    return (super.sendCommand as (...args: unknown[]) => unknown).call(this, command, ...rest);
  }

  override handleError(error: Error, ttl: object, handlers: { readonly maxRedirections: (last: Error) => void }): void {
    const maxRedirections = (last: Error) => handlers.maxRedirections(new TooManyRedirectionsError(last));
    super.handleError(error, ttl, { ...handlers, maxRedirections });
  }
}

const RECONNECT_MS = 50;

/**
 * Connection to the primary that Sentinel names. ioredis has two bugs at the end of such a connection: it stops
 * reconnecting for good if a Sentinel reports a failover while the client is asking the Sentinels for the primary, and
 * it leaves the connections to the Sentinels open if it is closed by QUIT, or before it was established.
 * Test: test/redis/sentinel.proof.ts, 'is reconnected when a failover is reported while the client asks'
 * Test: test/redis/sentinel.proof.ts, 'leaves no Sentinel subscription of a duplicate that has %s'
 */
export class SentinelRedis extends Redis {
  private isClosing = false;
  private wasConnecting = false;
  /** Whether QUIT was sent and `disconnect` has not been called since. */
  private hasQuit = false;

  constructor(options: RedisOptions) {
    super(options);
    this.on('end', () => {
      if (!this.isClosing) setTimeout(() => this.connectAgain(), RECONNECT_MS).unref();
      // Repeated only if the first call found no connections to Sentinels: each call starts a timer of 2 s per
      // connection.
      else if (this.wasConnecting || this.hasQuit) super.disconnect();
    });
  }

  private connectAgain(): void {
    if (!this.isClosing) void this.connect().catch(() => undefined);
  }

  override disconnect(reconnect = false): void {
    if (this.hasQuit && this.status === 'end') return;
    this.hasQuit = false;
    if (!reconnect) {
      this.wasConnecting ||= this.status === 'connecting';
      this.isClosing = true;
    }
    super.disconnect(reconnect);
  }

  override quit(...args: Parameters<Redis['quit']>): ReturnType<Redis['quit']> {
    this.isClosing = true;
    this.hasQuit = true;
    return super.quit(...args);
  }

  override duplicate(override: RedisOptions = {}): Redis {
    return new SentinelRedis({ ...this.options, ...override });
  }
}
