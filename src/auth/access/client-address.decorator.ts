import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/**
 * The address of the client; from `X-Forwarded-For` only behind a proxy of `TRUSTED_PROXIES`.
 * Undefined when the connection is broken.
 * @example logIn(@ClientAddress() address: string | undefined) {}
 */
export const ClientAddress = createParamDecorator(
  (_data: unknown, context: ExecutionContext): string | undefined =>
    context.switchToHttp().getRequest<{ ip?: string }>().ip,
);
