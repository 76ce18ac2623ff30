import pg from 'pg';

/**
 * A connection that is closed once one of its statements has had no answer in time. Left open it would be given to the
 * next caller, although the statement may still be carried out: a late `START TRANSACTION` would swallow the caller's
 * writes, which nobody commits.
 */
export class PostgresClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => this.closeWhenLate(query(...args))) as typeof this.query;
  }

  private closeWhenLate(answer: unknown): unknown {
    if (answer instanceof Promise) {
      answer.catch((error: unknown) => {
        if (error instanceof Error && error.message === 'Query read timeout') void this.end().catch(() => undefined);
      });
    }
    return answer;
  }
}
