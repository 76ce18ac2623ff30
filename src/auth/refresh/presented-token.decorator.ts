import { createParamDecorator, Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { RefreshTransports, type PresentedRefreshToken } from './refresh-transports.js';

/** Reads the refresh token out of a request; only `reissue` and `logout` do. */
@Injectable()
export class PresentedTokenPipe implements PipeTransform<FastifyRequest, PresentedRefreshToken> {
  constructor(private readonly transports: RefreshTransports) {}

  transform(request: FastifyRequest): PresentedRefreshToken {
    return this.transports.read(request);
  }
}

const CurrentRequest = createParamDecorator(
  (_data: unknown, context: ExecutionContext): FastifyRequest => context.switchToHttp().getRequest(),
);

/**
 * The refresh token of the request, from the `Refresh` header or the cookie.
 * @example reissue(@PresentedToken() { token }: PresentedRefreshToken) {}
 */
export const PresentedToken = (): ParameterDecorator => CurrentRequest(PresentedTokenPipe);
