import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-client.js';

type ScriptArgument = string | number | Buffer;

/** A run of a script that is still to be made. */
export interface ScriptCall {
  readonly script: LuaScript;
  /** All in one hash slot. */
  readonly keys: readonly string[];
  readonly args: readonly ScriptArgument[];
}

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
  private readonly chains = new Map<LuaScript, LuaScript>();

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

  /**
   * This script, and `next` in the same atomic step, but only when this one returns 1. Its keys and arguments are those
   * of this one, then those of `next`; it returns what this one returned and what `next` did.
   *
   * @param own how many keys and arguments this one takes
   */
  followedBy(next: LuaScript, own: { readonly keys: number; readonly args: number }): LuaScript {
    const known = this.chains.get(next);
    if (known !== undefined) return known;
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
