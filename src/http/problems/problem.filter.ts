import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  AppError,
  InternalError,
  isUnavailable,
  MalformedRequestError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  RouteNotFoundError,
  sendProblem,
  ServiceUnavailableError,
  UnsupportedMediaTypeError,
} from '../../common/index.js';
import type { RouteTable } from './route-table.js';

/** Renders every error as `application/problem+json`; unexpected errors are logged and sent as a bare 500. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  constructor(private readonly routes: RouteTable) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.respond(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  respond(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = this.toAppError(exception, request);
    if (error.kind === 'internal') this.logger.error(describe(exception), stackOf(exception));
    if (error.kind === 'unavailable') this.logger.warn(`unavailable: ${describe(error.cause ?? error)}`);
    sendProblem(reply, request, error);
  }

  private toAppError(exception: unknown, request: FastifyRequest): AppError {
    if (exception instanceof AppError) return exception;
    if (isUnavailable(exception)) return new ServiceUnavailableError(exception);
    if (!(exception instanceof HttpException)) return new InternalError(exception);
    switch (exception.getStatus()) {
      case 404:
        return this.routeError(request);
      case 413:
        return new PayloadTooLargeError();
      case 415:
        return new UnsupportedMediaTypeError();
      default:
        return exception.getStatus() < 500 ? new MalformedRequestError(exception) : new InternalError(exception);
    }
  }

  private routeError(request: FastifyRequest): AppError {
    const allowed = this.routes.methodsOf(request.url);
    // The files of Swagger UI share one route, so the method is allowed even when the file does not exist.
    const isUnknown = allowed.length === 0 || allowed.includes(request.method);
    return isUnknown ? new RouteNotFoundError() : new MethodNotAllowedError(allowed);
  }
}

function describe(exception: unknown): string {
  return exception instanceof Error ? `${exception.name}: ${exception.message}` : String(exception);
}

function stackOf(exception: unknown): string | undefined {
  return exception instanceof Error ? exception.stack : undefined;
}
