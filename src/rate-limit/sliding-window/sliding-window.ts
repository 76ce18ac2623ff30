import { Injectable, Logger } from '@nestjs/common';
import { Cluster } from 'ioredis';
import { isUnavailable, ThrottledLogger, TimeLimit } from '../../common/index.js';
import { InjectRedis, type RedisClient, type ScriptCall } from '../../redis/index.js';
import { InMemoryStore } from './in-memory-store.js';
import { BUCKETS_PER_WINDOW, type Consumption, type WindowRule } from './sliding-log.js';
import { CONSUME } from './consume.script.js';

/** A named rule. */
export interface Policy extends WindowRule {
  /** Name in the response headers: letters and digits. */
  readonly name: string;
  /** Suffix of the log keys; policies of different names may share one, and are then counted together. */
  readonly suffix: string;
}

/** Client, cost and policies of a request. */
export interface ConsumeRequest {
  /** User id, or `a:` and a network; the hash tag of the keys. */
  readonly client: string;
  readonly policies: readonly Policy[];
  readonly cost: number;
}

/** Result of a consume request; `usages` in the order of the policies. */
export interface RateLimitResult extends Consumption {
  /** Counted by this process only, because Redis was unavailable or full: excludes requests accepted by others. */
  readonly isLocal: boolean;
}

interface Waiting {
  readonly demand: ConsumeRequest;
  readonly resolve: (verdict: RateLimitResult) => void;
}

/**
 * Timeout for the reply of Redis, after which this process decides locally. Shorter than the command timeout: a frozen
 * Redis must not cost a caller both this wait and that of the next command.
 */
const REDIS_TIMEOUT_MS = 500;
/** Batch size; that of cache lookups, for the same reason: with more, process and Redis would wait for each other. */
const DEMANDS_PER_COMMAND = 16;
/** Reply of a script when out of memory; also stands in for a missing reply. */
const NOT_COUNTED = -1;
const LOG_INTERVAL_MS = 60_000;

/**
 * Sliding-window rate limit across all instances, exact under concurrency: in no closed interval of a policy's window
 * are more requests accepted than its limit. A request may count up to 1/60 of the window too long; a client takes
 * less than 1 kB per policy. While the durable Redis is unavailable, this process counts locally by the same rules.
 *
 * Requests of one event-loop turn are batched into one command; on a Cluster, those of one client.
 */
@Injectable()
export class SlidingWindow {
  private readonly logger = new ThrottledLogger(new Logger('RateLimit'), LOG_INTERVAL_MS);
  private readonly local = new InMemoryStore();
  private readonly batches = new Map<string, Waiting[]>();

  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /** Consumes under all policies or under none. Never rejects, and resolves within little more than half a second. */
  consume(demand: ConsumeRequest): Promise<RateLimitResult> {
    const slot = this.redis instanceof Cluster ? demand.client : '';
    const batch = this.batches.get(slot) ?? this.open(slot);
    return new Promise((resolve) => {
      if (batch.push({ demand, resolve }) === DEMANDS_PER_COMMAND) this.send(slot, batch);
    });
  }

  /** The script call of `consume`, to be run together with another script of the same client. */
  callOf(...demands: readonly ConsumeRequest[]): ScriptCall {
    const keys: string[] = [];
    const asked = demands.map(({ client, policies, cost }) => {
      const figures = [cost];
      for (const { suffix, limit, windowMs } of policies) {
        keys.push(keyOf(client, suffix));
        figures.push(limit, windowMs);
      }
      return figures;
    });
    return { script: CONSUME, keys, args: [BUCKETS_PER_WINDOW, JSON.stringify(asked)] };
  }

  /** Parses the reply to `callOf` for one request; as part of a larger reply it may be an error. */
  verdictOf(demand: ConsumeRequest, reply: unknown): RateLimitResult {
    return this.read(demand, Array.isArray(reply) ? (reply as number[]) : [NOT_COUNTED], 0);
  }

  // Immediates run after all pending input has been read, so concurrent requests of many connections share a batch.
  private open(slot: string): Waiting[] {
    const batch: Waiting[] = [];
    this.batches.set(slot, batch);
    setImmediate(() => this.send(slot, batch));
    return batch;
  }

  private send(slot: string, batch: readonly Waiting[]): void {
    if (this.batches.get(slot) !== batch) return;
    this.batches.delete(slot);
    let isAnswered = false;
    const answer = (reply: unknown) => {
      limit.cancel();
      if (!isAnswered) this.answer(batch, reply as number[]);
      isAnswered = true;
    };
    const limit = new TimeLimit(REDIS_TIMEOUT_MS, () => answer([NOT_COUNTED]));
    const { script, keys, args } = this.callOf(...batch.map(({ demand }) => demand));
    script.run(this.redis, keys, args).then(answer, (error: unknown) => {
      const fault = String(error);
      if (!isUnavailable(error)) this.logger.error(fault, `rate limiting falls back to this instance: ${fault}`);
      answer([NOT_COUNTED]);
    });
  }

  private answer(batch: readonly Waiting[], reply: readonly number[]): void {
    let position = 0;
    for (const { demand, resolve } of batch) {
      resolve(this.read(demand, reply, position));
      position += 1 + 2 * demand.policies.length;
    }
  }

  private read(demand: ConsumeRequest, reply: readonly number[], position: number): RateLimitResult {
    const { client, policies, cost } = demand;
    if (reply[0] === NOT_COUNTED) {
      const rules = policies.map((policy) => [keyOf(client, policy.suffix), policy] as const);
      return { ...this.local.consume(rules, cost), isLocal: true };
    }
    const usages = policies.map((_policy, index) => {
      const at = position + 1 + 2 * index;
      return { used: reply[at] ?? 0, freesInMs: reply[at + 1] ?? 0 };
    });
    return { waitMs: reply[position] ?? 0, usages, isLocal: false };
  }

}

function keyOf(client: string, suffix: string): string {
  return `rate:{${client}}${suffix}`;
}
