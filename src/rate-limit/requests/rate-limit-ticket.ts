import type { ScriptCall } from '../../redis/index.js';
import { clientNetwork } from '../client-network.js';
import { RateLimitedError } from '../rate-limit.errors.js';
import type { ConsumeRequest, RateLimitResult } from '../sliding-window/sliding-window.js';
import { mostRestrictive, type CallerKind, type RateLimitPolicies, type RequestLimits, type Tightest } from './request-limits.js';

/** Callback that reports the usage to the caller. */
type Report = (demand: ConsumeRequest, verdict: RateLimitResult, tightest: Tightest) => void;

/** Rate-limit ticket of a request: consumed once, by a user or an address, which may be known only later. */
export class RateLimitTicket {
  private isPaid = false;

  constructor(
    private readonly limits: RequestLimits,
    private readonly plans: RateLimitPolicies,
    private readonly report?: Report,
  ) {}

  /** Whether the ticket has not been consumed yet. */
  get isOpen(): boolean {
    return !this.isPaid;
  }

  /**
   * Consumes the ticket for a user; it remains open until `end` is called.
   * @returns `call`, to be run atomically with the check that authenticates the user; `end` takes its reply and throws
   * RateLimitedError if the request is rejected
   */
  to(userId: string, kind: CallerKind): { readonly call: ScriptCall | undefined; end(reply: unknown): void } {
    const plan = this.plans[kind];
    const demand = plan && { ...plan, client: userId };
    return {
      call: demand && this.limits.window.callOf(demand),
      end: (reply) => {
        this.isPaid = true;
        const refusal = demand && this.settle(demand, this.limits.window.verdictOf(demand, reply));
        if (refusal !== undefined) throw refusal;
      },
    };
  }

  /** Consumes the ticket for the network of an address. Calls back synchronously if anonymous callers have no limit. */
  consumeByIp(address: string | undefined, done: (refusal?: RateLimitedError) => void): void {
    const { plans: { anonymous }, limits } = this;
    this.isPaid = true;
    if (anonymous === undefined) {
      done();
      return;
    }
    const demand = { client: `a:${clientNetwork(address)}`, policies: anonymous.policies, cost: anonymous.cost };
    void limits.window.consume(demand).then((verdict) => done(this.settle(demand, verdict)));
  }

  private settle(demand: ConsumeRequest, verdict: RateLimitResult): RateLimitedError | undefined {
    const tightest = mostRestrictive(demand, verdict);
    this.limits.note(tightest, verdict);
    this.report?.(demand, verdict, tightest);
    return verdict.waitMs > 0 ? new RateLimitedError(verdict.waitMs) : undefined;
  }
}
