/** Maximum number of recorded leases: as many as can be in progress when a server freezes. Others expire. */
const AT_MOST = 10_000;

/**
 * Leases that the server may have granted although its reply was lost, and leases that could not be released. A server
 * that resumes after a freeze executes the commands it was sent meanwhile: without a release nothing could fill those
 * entries until the leases expire.
 */
export class OrphanedLeases {
  private readonly tokens = new Map<string, string>();

  /** @param release releases the lease with that key, if it still has that token */
  constructor(private readonly release: (leaseKey: string, token: string) => Promise<unknown>) {}

  add(leaseKey: string, token: string): void {
    if (this.tokens.size < AT_MOST) this.tokens.set(leaseKey, token);
  }

  /** Called when the server replies: releases all leases. Those that fail again wait for the next reply. */
  releaseAll(): void {
    if (this.tokens.size === 0) return;
    const leases = [...this.tokens];
    this.tokens.clear();
    for (const [leaseKey, token] of leases) this.release(leaseKey, token).catch(() => this.add(leaseKey, token));
  }
}
