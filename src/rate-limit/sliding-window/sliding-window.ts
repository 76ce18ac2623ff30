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

interface PendingRequest {
  readonly request: ConsumeRequest;
  readonly resolve: (result: RateLimitResult) => void;
}

/**
 * Timeout for the reply of Redis, after which this process decides locally. Shorter than the command timeout: a frozen
 * Redis must not cost a caller both this wait and that of the next command.
 */
const REDIS_TIMEOUT_MS = 500;
/** Batch size; that of cache lookups, for the same reason: with more, process and Redis would wait for each other. */
const BATCH_SIZE = 16;
/** First number of the reply when Redis is out of memory; also used when there is no reply. */
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
  private readonly batches = new Map<string, PendingRequest[]>();

  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /** Consumes under all policies or under none. Never rejects, and resolves within little more than half a second. */
  consume(request: ConsumeRequest): Promise<RateLimitResult> {
    const batchKey = this.redis instanceof Cluster ? request.client : '';
    const batch = this.batches.get(batchKey) ?? this.open(batchKey);
    return new Promise((resolve) => {
      if (batch.push({ request, resolve }) === BATCH_SIZE) this.send(batchKey, batch);
    });
  }

  /** The script call of `consume`, to be run together with another script of the same client. */
  callOf(...requests: readonly ConsumeRequest[]): ScriptCall {
    const keys: string[] = [];
    const encoded = requests.map(({ client, policies, cost }) => {
      const numbers = [cost];
      for (const { suffix, limit, windowMs } of policies) {
        keys.push(keyOf(client, suffix));
        numbers.push(limit, windowMs);
      }
      return numbers;
    });
    return { script: CONSUME, keys, args: [BUCKETS_PER_WINDOW, JSON.stringify(encoded)] };
  }

  /** Parses the reply to `callOf` for one request; as part of a larger reply it may be an error. */
  resultOf(request: ConsumeRequest, reply: unknown): RateLimitResult {
    return this.read(request, Array.isArray(reply) ? (reply as number[]) : [NOT_COUNTED], 0);
  }

  // Immediates run after all pending input has been read, so concurrent requests of many connections share a batch.
  private open(batchKey: string): PendingRequest[] {
    const batch: PendingRequest[] = [];
    this.batches.set(batchKey, batch);
    setImmediate(() => this.send(batchKey, batch));
    return batch;
  }

  private send(batchKey: string, batch: readonly PendingRequest[]): void {
    if (this.batches.get(batchKey) !== batch) return;
    this.batches.delete(batchKey);
    let isSettled = false;
    const settle = (reply: unknown) => {
      timeout.cancel();
      if (!isSettled) this.resolveAll(batch, reply as number[]);
      isSettled = true;
    };
    const timeout = new TimeLimit(REDIS_TIMEOUT_MS, () => settle([NOT_COUNTED]));
    const { script, keys, args } = this.callOf(...batch.map(({ request }) => request));
    script.run(this.redis, keys, args).then(settle, (error: unknown) => {
      const reason = String(error);
      if (!isUnavailable(error)) this.logger.error(reason, `rate limiting falls back to this instance: ${reason}`);
      settle([NOT_COUNTED]);
    });
  }

  private resolveAll(batch: readonly PendingRequest[], reply: readonly number[]): void {
    let position = 0;
    for (const { request, resolve } of batch) {
      resolve(this.read(request, reply, position));
      position += 1 + 2 * request.policies.length;
    }
  }

  private read(request: ConsumeRequest, reply: readonly number[], position: number): RateLimitResult {
    const { client, policies, cost } = request;
    if (reply[0] === NOT_COUNTED) {
      const rules = policies.map((policy) => [keyOf(client, policy.suffix), policy] as const);
      return { ...this.local.consume(rules, cost), isLocal: true };
    }
    const usages = policies.map((_policy, index) => {
      const at = position + 1 + 2 * index;
      return { used: reply[at] ?? 0, availableInMs: reply[at + 1] ?? 0 };
    });
    return { waitMs: reply[position] ?? 0, usages, isLocal: false };
  }
}

function keyOf(client: string, suffix: string): string {
  return `rate:{${client}}${suffix}`;
}
