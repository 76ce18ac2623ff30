import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/**
 * The address of the client; from `X-Forwarded-For` only behind a proxy of `TRUSTED_PROXIES`.
 * @example logIn(@ClientAddress() address: string) {}
 */
export const ClientAddress = createParamDecorator(
  (_data: unknown, context: ExecutionContext): string => context.switchToHttp().getRequest<{ ip: string }>().ip,
);
