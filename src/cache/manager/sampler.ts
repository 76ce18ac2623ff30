/** Chooses some of many: one in so many by chance, and one at a time. */
export class Sampler {
  private readonly share: number;
  private isBusy = false;

  /** @param oneIn 0 for none */
  constructor(oneIn: number) {
    this.share = oneIn === 0 ? 0 : 1 / oneIn;
  }

  /** Whether this one is chosen. */
  shouldSample(): boolean {
    return Math.random() < this.share && !this.isBusy;
  }

  /** Does what there is to do with a chosen one; until that is done no other is chosen. */
  async run(work: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    await work().finally(() => (this.isBusy = false));
  }
}
