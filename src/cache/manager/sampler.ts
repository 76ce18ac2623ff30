/** Random sampler: selects one in N, and only one at a time. */
export class Sampler {
  private readonly share: number;
  private isBusy = false;

  /** @param oneIn N of the sampling rate 1/N; 0 for none */
  constructor(oneIn: number) {
    this.share = oneIn === 0 ? 0 : 1 / oneIn;
  }

  /** Whether this one is selected. */
  shouldSample(): boolean {
    return Math.random() < this.share && !this.isBusy;
  }

  /** Processes a selected one; no other is selected until that has ended. */
  async run(work: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    await work().finally(() => (this.isBusy = false));
  }
}
