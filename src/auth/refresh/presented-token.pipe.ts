import { Injectable, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { RefreshTransports, type PresentedRefreshToken } from './refresh-transports.http.js';

/** Extracts the refresh token from a request. */
@Injectable()
export class PresentedTokenPipe implements PipeTransform<FastifyRequest, PresentedRefreshToken> {
  constructor(private readonly transports: RefreshTransports) {}

  transform(request: FastifyRequest): PresentedRefreshToken {
    return this.transports.read(request);
  }
}
