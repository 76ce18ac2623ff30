import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PresentedTokenPipe } from './presented-token.pipe.js';

const CurrentRequest = createParamDecorator(
  (_data: unknown, context: ExecutionContext): FastifyRequest => context.switchToHttp().getRequest(),
);

/**
 * Injects the refresh token of the request, from the `Refresh` header or the cookie; used by `reissue` and `logout`.
 * @example reissue(@PresentedToken() { token }: PresentedRefreshToken) {}
 */
export const PresentedToken = (): ParameterDecorator => CurrentRequest(PresentedTokenPipe);
