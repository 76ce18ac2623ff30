import type { Socket } from 'node:net';
import { Command, Redis } from 'ioredis';
import { TimeLimit } from '../common/index.js';
import { RedisTimeoutError } from './redis.errors.js';

/*
 * Replaces the plain timers of ioredis with `TimeLimit`s, in every client, including those of Sentinels and Cluster
 * nodes. After a delay of the event loop a plain timer fires before the reply in the socket is read: a busy process
 * would consider its server unavailable.
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
 * Starts the socket timeout when a command is sent and none is running. The timeout ends with its connection, so that
 * it cannot close the next one.
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
