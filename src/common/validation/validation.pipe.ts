import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { ValidationFailedError } from '../errors/index.js';
import { fieldErrors, type InputSource } from './field-errors.js';

/** Turns input into its DTO; unknown fields and broken rules are refused, all of them in one answer. */
export class InputValidationPipe extends ValidationPipe {
  constructor() {
    super({ whitelist: true, forbidNonWhitelisted: true, transform: true, stopAtFirstError: true });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof BrokenRules)) throw error;
      throw new ValidationFailedError(fieldErrors(error.errors, sourceOf(metadata)));
    }
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
