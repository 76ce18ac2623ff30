import { applyDecorators } from '@nestjs/common';
import { ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { AppError } from '../errors/index.js';
import { ProblemDto } from '../http/problem.dto.js';
import { PROBLEM_MEDIA_TYPE, problemOf, statusOf } from '../http/problem.js';

/** An error class that needs no constructor arguments, and so can be documented without a cause. */
export type DocumentedError = new () => AppError;

const SAMPLE_REQUEST_ID = '0198d7a2-6b1e-7c43-9f52-1f0c2a9be001';

/**
 * Documents the errors of a route in the OpenAPI document, each with an example.
 * @example @ApiProblems(PlaceNotFoundError, ForbiddenError) @Patch(':id') update() {}
 */
export function ApiProblems(...errors: DocumentedError[]): MethodDecorator & ClassDecorator {
  const responses = Object.entries(problemResponses(errors));
  const decorators = responses.map(([status, response]) => ApiResponse({ status: Number(status), ...response }));
  return applyDecorators(...decorators);
}

/** OpenAPI responses that describe the errors, one per status. */
export function problemResponses(errors: readonly DocumentedError[]) {
  const samples = errors.map((each) => new each());
  const statuses = [...new Set(samples.map((error) => statusOf(error.kind)))];
  return Object.fromEntries(
    statuses.map((status) => [status, responseOf(samples.filter((error) => statusOf(error.kind) === status))]),
  );
}

function responseOf(errors: readonly AppError[]) {
  return {
    description: errors.map((error) => `\`${error.code}\`: ${error.detail.en}`).join('\n\n'),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: { $ref: getSchemaPath(ProblemDto) },
        examples: Object.fromEntries(
          errors.map((error) => [error.code, { value: problemOf(error, 'en', SAMPLE_REQUEST_ID) }]),
        ),
      },
    },
  };
}
