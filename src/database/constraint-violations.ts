import { QueryFailedError } from 'typeorm';

/**
 * A handler for `catch` that translates violations of constraints into errors of the application; it rethrows all other
 * errors.
 * @param errors by name of the constraint
 * @example `await this.repository.insert(user).catch(translateViolations({ app_user_email_key: EmailTakenError }));`
 */
export function translateViolations(errors: Readonly<Record<string, new () => Error>>): (error: unknown) => never {
  return (error) => {
    const { constraint = '' } = (error instanceof QueryFailedError ? error.driverError : {}) as { constraint?: string };
    const Translated = errors[constraint];
    throw Translated === undefined ? error : new Translated();
  };
}
