import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/**
 * Injects the IP address of the client; taken from `X-Forwarded-For` only behind a proxy of `TRUSTED_PROXIES`.
 * Undefined when the connection is closed.
 * @example logIn(@ClientAddress() address: string | undefined) {}
 */
export const ClientAddress = createParamDecorator(
  (_data: unknown, context: ExecutionContext): string | undefined =>
    context.switchToHttp().getRequest<{ ip?: string }>().ip,
);
