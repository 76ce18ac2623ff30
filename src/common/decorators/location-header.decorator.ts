import { applyDecorators, UseInterceptors, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { tap } from 'rxjs';

/**
 * Sets the `Location` header to the URL of the created resource: the path and the `id` of the response body.
 * @example @LocationHeader('/api/v1/places') @Post() create() {}
 */
export function LocationHeader(path: string): MethodDecorator {
  return applyDecorators(UseInterceptors(new LocationInterceptor(path)), ApiExtension('x-created-at', path));
}

class LocationInterceptor implements NestInterceptor<{ id: number | string }> {
  constructor(private readonly path: string) {}

  intercept(context: ExecutionContext, next: CallHandler<{ id: number | string }>) {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(tap(({ id }) => void reply.header('location', `${this.path}/${id}`)));
  }
}
