import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { ValidationFailedError } from '../errors/index.js';
import { fieldErrors, notAnObject, type InputSource } from './field-errors.js';
import { isOptionalBody } from './optional-body.decorator.js';

/** Turns input into its DTO; unknown fields and broken rules are refused, all of them in one answer. */
export class InputValidationPipe extends ValidationPipe {
  constructor() {
    // The texts of field errors need the DTO, whose rules hold the limits.
    const validationError = { target: true };
    super({ whitelist: true, forbidNonWhitelisted: true, transform: true, stopAtFirstError: true, validationError });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Most parameters have no rules to be held against; Nest takes them as they are.
    return this.toValidate(metadata) ? this.validated(value, metadata) : (value as Promise<unknown>);
  }

  private async validated(sent: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const source = sourceOf(metadata);
    const value = sent === undefined && isOptionalBody(metadata.metatype) ? {} : sent;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAnObject(source);
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof BrokenRules)) throw error;
      throw new ValidationFailedError(fieldErrors(error.errors, source));
    }
  }

  /** A single parameter goes as it came to the pipe of its own: `1e3` is no id, though it is a number. */
  protected override transformPrimitive(value: unknown): unknown {
    return value;
  }

  override createExceptionFactory() {
    return (errors: ValidationError[] = []) => new BrokenRules(errors);
  }
}

/** Carries the errors from the factory, which is not told where the input stood, to `transform`, which is. */
class BrokenRules extends Error {
  constructor(readonly errors: ValidationError[]) {
    super('input breaks its rules');
  }
}

function sourceOf(metadata: ArgumentMetadata): InputSource {
  return metadata.type === 'query' || metadata.type === 'param' ? metadata.type : 'body';
}
