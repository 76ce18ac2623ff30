import type { Socket } from 'node:net';
import { Command, Redis } from 'ioredis';
import { TimeLimit } from '../common/index.js';

/*
 * ioredis bounds its waits by plain timers. After a delay of the event loop such a timer runs before the reply that lies
 * in the socket is read: a busy process takes its server for one that is away. Here they become time limits, in every
 * client: those of the sentinels and of the nodes of a Cluster are made by ioredis itself.
 */

/** What ioredis keeps to itself. */
interface CommandInternals {
  readonly isResolved: boolean;
  timeLimit?: TimeLimit | undefined;
  reject(error: Error): void;
  setTimeout(ms: number): void;
  _clearTimers(): void;
}

const commands = Command.prototype as unknown as CommandInternals;
const clearTimers = commands._clearTimers;

commands.setTimeout = function (ms) {
  this.timeLimit ??= new TimeLimit(ms, () => {
    if (!this.isResolved) this.reject(new Error('Command timed out'));
  });
};

commands._clearTimers = function () {
  this.timeLimit?.cancel();
  this.timeLimit = undefined;
  clearTimers.call(this);
};

/** What ioredis keeps to itself of a connection. */
interface ConnectionInternals {
  readonly stream: Socket;
  readonly commandQueue: { readonly length: number };
  readonly options: { readonly socketTimeout: number };
  socketTimeoutTimer: TimeLimit | undefined;
  setSocketTimeout(): void;
}

const connections = Redis.prototype as unknown as ConnectionInternals;

/** Called when a command is sent and no limit runs. Its end is also that of the connection: it must not end the next. */
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
