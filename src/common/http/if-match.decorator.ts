import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors/index.js';

/** The resource is no longer the one the caller has seen. */
export class VersionMismatchError extends AppError {
  constructor() {
    super({
      kind: 'precondition-failed',
      code: 'VERSION_MISMATCH',
      detail: {
        en: 'It has changed since you read it. Read it again and send its ETag or version as If-Match.',
        ko: '읽은 뒤에 변경되었습니다. 다시 읽고 그 ETag나 version을 If-Match로 보내세요.',
      },
    });
  }
}

const AcceptedVersions = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  acceptedVersions(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

/**
 * The versions an `If-Match` header accepts: `"3"` or the ETag of a read (`"3-hash"`), several separated by commas;
 * `undefined` when any version will do (no header, or `*`). A tag without a version accepts none.
 * @example update(@IfMatch() versions: readonly number[] | undefined) {}
 */
export function IfMatch(): ParameterDecorator {
  return (target, method, index) => {
    AcceptedVersions()(target, method, index);
    const descriptor = method && Object.getOwnPropertyDescriptor(target, method);
    if (descriptor) ApiHeader(IF_MATCH)(target, method, descriptor);
  };
}

const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description: 'The `ETag` or `"<version>"` you have seen; 412 when it has changed since.',
  schema: { type: 'string', maxLength: 1_000, example: '"1"' },
};

/** Exported for its test. */
export function acceptedVersions(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const versions = header.slice(0, 1_000).split(',').map((tag) => /^\s*"(\d{1,9})(-[\w-]*)?"\s*$/.exec(tag)?.[1]);
  return versions.filter((version) => version !== undefined).map(Number);
}
