import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors/index.js';
import { parseEntityTags } from '../http/entity-tags.js';

/** The resource has changed since the caller read it. */
export class VersionMismatchError extends AppError {
  constructor() {
    super({
      kind: 'precondition-failed',
      code: 'VERSION_MISMATCH',
      detail: {
        en: 'The resource has changed since you read it. Read it again and send its ETag or version as If-Match.',
        ko: '조회한 뒤에 리소스가 변경되었습니다. 다시 조회한 뒤 그 ETag나 version을 If-Match로 보내세요.',
      },
    });
  }
}

/** An `If-Match` header that is not a list of entity tags. */
export class InvalidIfMatchError extends AppError {
  constructor() {
    super({
      kind: 'bad-request',
      code: 'INVALID_IF_MATCH',
      detail: {
        en: 'If-Match must be * or a list of quoted entity tags: the ETag of a response, or "3" for version 3.',
        ko: 'If-Match는 * 또는 큰따옴표로 묶은 엔티티 태그여야 합니다. 조회할 때 받은 ETag나, 버전 3이면 "3"을 보내세요.',
      },
    });
  }
}

const AcceptedVersions = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  acceptedVersions(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

/**
 * Versions that an `If-Match` header accepts: `"3"` or the ETag of a read (`"3-hash"`), several separated by commas;
 * `undefined` when any version matches (no header, or `*`). A tag without a version matches none. Only the version is
 * compared, so weak tags, and tags changed by a proxy that compressed the response, match too.
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
  description: 'Expected `ETag` or `"<version>"` of the resource; 412 if it has changed.',
  schema: { type: 'string', maxLength: 1_000, example: '"1"' },
};

/**
 * Exported for its test.
 * @throws InvalidIfMatchError
 */
export function acceptedVersions(header: string | undefined): readonly number[] | undefined {
  if (header === undefined) return undefined;
  const tags = parseEntityTags(header);
  if (tags === undefined) throw new InvalidIfMatchError();
  if (tags === '*') return undefined;
  return tags.flatMap((tag) => /^"(\d{1,9})(?:[-;][^"]*)?"$/.exec(tag)?.[1] ?? []).map(Number);
}
