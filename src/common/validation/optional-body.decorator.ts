import type { Type } from '@nestjs/common';

const OPTIONAL_BODY = Symbol('optional body');

/**
 * Makes the whole body that this DTO describes optional; a missing body is validated as `{}`.
 * @example @OptionalBody() export class WithdrawDto {}
 */
export const OptionalBody = (): ClassDecorator => (dto) => Reflect.defineMetadata(OPTIONAL_BODY, true, dto);

/** Whether the DTO is marked with `@OptionalBody()`. */
export function isOptionalBody(dto: Type | undefined): boolean {
  return dto !== undefined && Reflect.hasMetadata(OPTIONAL_BODY, dto);
}
