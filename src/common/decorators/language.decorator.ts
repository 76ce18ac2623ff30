import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Language } from '../errors/localized.js';
import { negotiateLanguage } from '../http/negotiate-language.js';

/**
 * The caller's preferred language, from `Accept-Language`; for names that exist in every language.
 * @example list(@PreferredLanguage() language: Language) {}
 */
export const PreferredLanguage = createParamDecorator((_data: unknown, context: ExecutionContext): Language =>
  negotiateLanguage(context.switchToHttp().getResponse<FastifyReply>()),
);
