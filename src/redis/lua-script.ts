import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-client.js';

type ScriptArgument = string | number | Buffer;

/** A script with its keys and arguments, to be run later. */
export interface ScriptCall {
  readonly script: LuaScript;
  /** All in the same hash slot. */
  readonly keys: readonly string[];
  readonly args: readonly ScriptArgument[];
}

/**
 * A Lua script: one atomic step, one round trip. It is called by its digest and sent in full only to a server that does
 * not have it in its script cache, so a restart or a `SCRIPT FLUSH` costs one additional round trip.
 *
 * @example
 * const GRANT = new LuaScript(`return redis.call('INCRBY', KEYS[1], ARGV[1])`);
 * await GRANT.run(redis, ['quota:{7}'], [5]);
 */
export class LuaScript {
  private readonly digest: string;
  private readonly chains = new Map<LuaScript, LuaScript>();

  constructor(private readonly source: string) {
    this.digest = createHash('sha1').update(source).digest('hex');
  }

  /**
   * @param keys all in one hash slot (`{…}`)
   * @returns the result of the script: numbers, strings, null, and lists of them
   */
  async run(redis: RedisClient, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return redis.eval(this.source, keys.length, ...keys, ...args);
    }
  }

  /**
   * Combines this script and `next` in one atomic step; `next` runs only if this script returns 1. The keys and
   * arguments of the combined script are those of this one followed by those of `next`; it returns a list of the result
   * of this one and, if it ran, that of `next`.
   *
   * @param own number of keys and arguments of this script
   */
  followedBy(next: LuaScript, own: { readonly keys: number; readonly args: number }): LuaScript {
    const cached = this.chains.get(next);
    if (cached !== undefined) return cached;
    const chain = new LuaScript(`
local function first(KEYS, ARGV) ${this.source} end
local function next(KEYS, ARGV) ${next.source} end
local result = first(KEYS, ARGV)
if result ~= 1 then return { result } end
return { 1, next({ unpack(KEYS, ${own.keys + 1}) }, { unpack(ARGV, ${own.args + 1}) }) }
`);
    this.chains.set(next, chain);
    return chain;
  }

  /** Like `run`, but returns strings as buffers. */
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
