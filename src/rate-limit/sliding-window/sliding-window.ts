import { Injectable, Logger } from '@nestjs/common';
import { Cluster } from 'ioredis';
import { isUnavailable, TimeLimit } from '../../common/index.js';
import { InjectRedis, type RedisClient, type ScriptCall } from '../../redis/index.js';
import { InMemoryStore } from './in-memory-store.js';
import { BUCKETS_PER_WINDOW, type Consumption, type WindowRule } from './sliding-log.js';
import { CONSUME } from './consume.script.js';

/** A rule with a name. */
export interface Policy extends WindowRule {
  /** As clients are told: letters and digits. */
  readonly name: string;
  /** Ends the key of its logs, so that what is called otherwise may be counted together. */
  readonly suffix: string;
}

/** Who wants to spend how much, and under which policies. */
export interface ConsumeRequest {
  /** The id of a user, or `a:` and a network; becomes the hash tag of the keys. */
  readonly client: string;
  readonly policies: readonly Policy[];
  readonly cost: number;
}

/** Whether it may be spent; `usages` in the order of the policies. */
export interface RateLimitResult extends Consumption {
  /** Redis was away, or full: what others let pass is not counted. */
  readonly isLocal: boolean;
}

interface Waiting {
  readonly demand: ConsumeRequest;
  readonly resolve: (verdict: RateLimitResult) => void;
}

/**
 * So long an answer of Redis is waited for before this process decides alone. Shorter than the time limit of a command:
 * a frozen Redis may not cost a caller both this wait and that of the next command.
 */
const REDIS_TIMEOUT_MS = 500;
/** As many as lookups of the cache, and for the same reason: neither side is to wait for the other to do it all. */
const DEMANDS_PER_COMMAND = 16;
/** In place of a reply. */
const NOT_COUNTED = -1;

/**
 * A sliding window over all instances, exact under concurrency: no closed span of a policy's window ever sees more than
 * its limit pass. A pass may count for up to a 60th of the window too long; a client takes less than 1 kB a policy.
 * While the durable Redis is away this process counts alone, by the same rules.
 *
 * Demands of one turn of the event loop travel together; on a Cluster, those of one client.
 */
@Injectable()
export class SlidingWindow {
  private readonly logger = new Logger('RateLimit');
  private readonly local = new InMemoryStore();
  private readonly batches = new Map<string, Waiting[]>();
  private lastFault = '';

  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /** Spends under all policies or under none. Never rejects, and waits for little more than half a second. */
  consume(demand: ConsumeRequest): Promise<RateLimitResult> {
    const slot = this.redis instanceof Cluster ? demand.client : '';
    const batch = this.batches.get(slot) ?? this.open(slot);
    return new Promise((resolve) => {
      if (batch.push({ demand, resolve }) === DEMANDS_PER_COMMAND) this.send(slot, batch);
    });
  }

  /** The same as a call of a script, to be made together with another one of the same client. */
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

  /** What the reply to such a call says of a demand; as part of a larger reply it may be an error. */
  verdictOf(demand: ConsumeRequest, reply: unknown): RateLimitResult {
    return this.read(demand, Array.isArray(reply) ? (reply as number[]) : [NOT_COUNTED], 0);
  }

  // Immediates run once all input that has arrived is read: what many connections ask for at a time meets here.
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
      if (!isUnavailable(error)) this.warnOnce(String(error));
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

  private warnOnce(fault: string): void {
    if (fault !== this.lastFault) this.logger.error(`requests are counted by this process alone: ${fault}`);
    this.lastFault = fault;
  }
}

function keyOf(client: string, suffix: string): string {
  return `rate:{${client}}${suffix}`;
}
