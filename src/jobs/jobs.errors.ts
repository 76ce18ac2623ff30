/** The application has invalid job handlers and does not start. */
export class InvalidJobsError extends Error {
  constructor(problems: readonly string[]) {
    super(`Invalid jobs:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidJobsError';
  }
}
