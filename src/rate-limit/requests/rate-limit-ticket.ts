import type { ScriptCall } from '../../redis/index.js';
import { clientNetwork } from '../client-network.js';
import { RateLimitedError } from '../rate-limit.errors.js';
import type { ConsumeRequest, RateLimitResult } from '../sliding-window/sliding-window.js';
import { mostRestrictive, type CallerKind, type RateLimitPolicies, type RequestLimits, type Tightest } from './request-limits.js';

/** Tells whoever pays where he stands. */
type Tell = (demand: ConsumeRequest, verdict: RateLimitResult, tightest: Tightest) => void;

/** What a request costs, to be paid once, while it is open who pays. */
export class RateLimitTicket {
  private isPaid = false;

  constructor(
    private readonly limits: RequestLimits,
    private readonly plans: RateLimitPolicies,
    private readonly tell?: Tell,
  ) {}

  /** Nobody has paid yet. */
  get isOpen(): boolean {
    return !this.isPaid;
  }

  /**
   * Has a user pay; nobody has paid before `end`.
   * @returns `call`, to be made together with what says that it is this user; `end` takes the reply to it, and throws
   * RateLimitedError
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

  /** Has the network of an address pay. Calls back at once, without a promise, when nobody has a limit there. */
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
    this.tell?.(demand, verdict, tightest);
    return verdict.waitMs > 0 ? new RateLimitedError(verdict.waitMs) : undefined;
  }
}
