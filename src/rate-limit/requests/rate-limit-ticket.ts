import type { ScriptCall } from '../../redis/index.js';
import { clientNetwork } from '../client-network.js';
import { RateLimitedError } from '../rate-limit.errors.js';
import type { ConsumeRequest, RateLimitResult } from '../sliding-window/sliding-window.js';
import {
  mostRestrictive, type CallerKind, type PolicyUsage, type RateLimitPolicies, type RequestLimits,
} from './request-limits.js';

/** Callback that receives the result, for the response headers. */
type Report = (request: ConsumeRequest, result: RateLimitResult, usage: PolicyUsage) => void;

/** Rate-limit ticket of a request: consumed once, by a user or an address, which may be known only later. */
export class RateLimitTicket {
  private isConsumed = false;

  constructor(
    private readonly limits: RequestLimits,
    private readonly policies: RateLimitPolicies,
    private readonly report?: Report,
  ) {}

  /** Whether the ticket has not been consumed yet. */
  get isOpen(): boolean {
    return !this.isConsumed;
  }

  /**
   * Consumes the ticket for a user; it remains open until `end` is called.
   * @returns `call`, to be run atomically with the check that authenticates the user; `end` takes its reply and throws
   * RateLimitedError if the request is rejected
   */
  consumeByUser(
    userId: string,
    kind: CallerKind,
  ): { readonly call: ScriptCall | undefined; end(reply: unknown): void } {
    const applicable = this.policies[kind];
    const request = applicable && { ...applicable, client: userId };
    return {
      call: request && this.limits.window.callOf(request),
      end: (reply) => {
        this.isConsumed = true;
        const refusal = request && this.complete(request, this.limits.window.resultOf(request, reply));
        if (refusal !== undefined) throw refusal;
      },
    };
  }

  /** Consumes the ticket for the network of an address. Calls back synchronously if anonymous callers have no limit. */
  consumeByIp(address: string | undefined, done: (refusal?: RateLimitedError) => void): void {
    const { policies: { anonymous }, limits } = this;
    this.isConsumed = true;
    if (anonymous === undefined) {
      done();
      return;
    }
    const request = { client: `a:${clientNetwork(address)}`, policies: anonymous.policies, cost: anonymous.cost };
    void limits.window.consume(request).then((result) => done(this.complete(request, result)));
  }

  private complete(request: ConsumeRequest, result: RateLimitResult): RateLimitedError | undefined {
    const usage = mostRestrictive(request, result);
    this.limits.record(usage, result);
    this.report?.(request, result, usage);
    return result.waitMs > 0 ? new RateLimitedError(result.waitMs) : undefined;
  }
}
