import type { Type } from '@nestjs/common';

const OPTIONAL_BODY = Symbol('optional body');

/**
 * Lets a request leave out the whole body that this DTO describes; the DTO is then validated as `{}`.
 * @example @OptionalBody() export class WithdrawDto {}
 */
export const OptionalBody = (): ClassDecorator => (dto) => Reflect.defineMetadata(OPTIONAL_BODY, true, dto);

/** Whether the DTO is marked with `@OptionalBody()`. */
export function isOptionalBody(dto: Type | undefined): boolean {
  return dto !== undefined && Reflect.hasMetadata(OPTIONAL_BODY, dto);
}
