/** As many as can be under way when a server freezes; those beyond it end by themselves. */
const AT_MOST = 10_000;

/**
 * Leases that the server may have given, although its answer never came, and leases that could not be given back. A
 * server that thaws carries out what it was sent while it was frozen: without this nobody could fill those entries
 * until the leases are over.
 */
export class OrphanedLeases {
  private readonly tokens = new Map<string, string>();

  /** @param release gives the lease with that key back, if it still has that token */
  constructor(private readonly release: (leaseKey: string, token: string) => Promise<unknown>) {}

  add(leaseKey: string, token: string): void {
    if (this.tokens.size < AT_MOST) this.tokens.set(leaseKey, token);
  }

  /** The server answers: gives them back. Those that fail again wait for the next answer. */
  releaseAll(): void {
    if (this.tokens.size === 0) return;
    const leases = [...this.tokens];
    this.tokens.clear();
    for (const [leaseKey, token] of leases) this.release(leaseKey, token).catch(() => this.add(leaseKey, token));
  }
}
