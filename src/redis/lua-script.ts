import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-client.js';

type ScriptArgument = string | number | Buffer;

/**
 * A Lua script of ours: one atomic step, one round trip. It is called by its digest and sent in full only to a server
 * that does not know it yet, so a restart or a `SCRIPT FLUSH` costs one round trip more and nothing else.
 *
 * @example
 * const GRANT = new LuaScript(`return redis.call('INCRBY', KEYS[1], ARGV[1])`);
 * await GRANT.run(redis, ['quota:{7}'], [5]);
 */
export class LuaScript {
  private readonly digest: string;

  constructor(private readonly source: string) {
    this.digest = createHash('sha1').update(source).digest('hex');
  }

  /**
   * @param keys every key in one hash slot (`{…}`)
   * @returns what the script returns: numbers, texts, null, and lists of them
   */
  async run(redis: RedisClient, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return redis.eval(this.source, keys.length, ...keys, ...args);
    }
  }

  /** The same, with every text as the bytes it is. */
  async runForBytes(redis: RedisClient, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    try {
      return await redis.callBuffer('EVALSHA', this.digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return redis.callBuffer('EVAL', this.source, keys.length, ...keys, ...args);
    }
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
