import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Language } from '../errors/localized.js';
import { answerLanguage } from '../http/answer-language.js';

/**
 * The language the caller prefers by `Accept-Language`, for names that exist in each.
 * @example list(@PreferredLanguage() language: Language) {}
 */
export const PreferredLanguage = createParamDecorator((_data: unknown, context: ExecutionContext): Language =>
  answerLanguage(context.switchToHttp().getResponse<FastifyReply>()),
);
