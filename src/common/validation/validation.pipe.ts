import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { ValidationFailedError } from '../errors/index.js';
import { fieldErrors, notAnObject, type InputSource } from './field-errors.js';
import { isOptionalBody } from './optional-body.decorator.js';

/** Transforms input into its DTO; rejects unknown fields and broken rules, with all rejected fields in one response. */
export class InputValidationPipe extends ValidationPipe {
  constructor() {
    // The texts of field errors need the DTO, whose rules contain the limits, and whether there is a value.
    const validationError = { target: true, value: true };
    super({ whitelist: true, forbidNonWhitelisted: true, transform: true, validationError });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Most parameters have no validation rules; Nest passes them unchanged.
    return this.toValidate(metadata) ? this.validated(value, metadata) : (value as Promise<unknown>);
  }

  private async validated(sent: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const source = sourceOf(metadata);
    const value = sent === undefined && isOptionalBody(metadata.metatype) ? {} : sent;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAnObject(source);
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      throw new ValidationFailedError(fieldErrors(error.errors, source));
    }
  }

  /** Passes a single parameter to its own pipe unchanged: `1e3` is not an id, although it is a number. */
  protected override transformPrimitive(value: unknown): unknown {
    return value;
  }

  override createExceptionFactory() {
    return (errors: ValidationError[] = []) => new InvalidInput(errors);
  }
}

/** Carries the errors from the exception factory, which does not know the input source, to `transform`, which does. */
class InvalidInput extends Error {
  constructor(readonly errors: ValidationError[]) {
    super('invalid input');
  }
}

function sourceOf(metadata: ArgumentMetadata): InputSource {
  return metadata.type === 'query' || metadata.type === 'param' ? metadata.type : 'body';
}
