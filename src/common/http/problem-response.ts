import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../errors/index.js';
import { negotiateLanguage } from './negotiate-language.js';
import { PROBLEM_MEDIA_TYPE, problemOf, statusOf } from './problem.js';

/** Sends the problem as the response, in the caller's preferred language. */
export function sendProblem(reply: FastifyReply, request: FastifyRequest, error: AppError): void {
  void reply.send(problemFor(reply, request, error));
}

/** Sets the status and headers of a problem response; returns its body. */
export function problemFor(reply: FastifyReply, request: FastifyRequest, error: AppError): string {
  const language = negotiateLanguage(reply);
  const headers = { 'X-Request-Id': request.id, 'Cache-Control': 'no-store' };
  reply
    .status(statusOf(error.kind))
    .headers({ ...error.headers, ...headers })
    .type(PROBLEM_MEDIA_TYPE);
  return JSON.stringify(problemOf(error, language, request.id));
}
