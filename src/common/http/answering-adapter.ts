import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { sendJsonAnswer } from './etag.js';
import { JsonAnswer } from './json-answer.js';

/** Fastify, with a short way for answers that are ready to send. */
export class AnsweringAdapter extends FastifyAdapter {
  override reply(response: FastifyReply, body: unknown, statusCode?: number) {
    if (body instanceof JsonAnswer) return sendJsonAnswer(response, body);
    return super.reply(response, body, statusCode);
  }
}
