import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { preferredLanguage, type Language } from '../errors/localized.js';

/**
 * The language the caller prefers by `Accept-Language`, for names that exist in each.
 * @example list(@PreferredLanguage() language: Language) {}
 */
export const PreferredLanguage = createParamDecorator((_data: unknown, context: ExecutionContext): Language => {
  const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
  return preferredLanguage(headers['accept-language']);
});
