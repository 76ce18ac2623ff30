/** The application has handlers that cannot be used; it does not start. */
export class InvalidJobsError extends Error {
  constructor(problems: readonly string[]) {
    super(`Jobs are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidJobsError';
  }
}
