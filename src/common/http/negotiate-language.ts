import type { FastifyReply } from 'fastify';
import { preferredLanguage, type Language } from '../errors/index.js';

/** Negotiates the language of a response that contains text; sets its `Content-Language` and `Vary` headers. */
export function negotiateLanguage(reply: FastifyReply): Language {
  const language = preferredLanguage(reply.request.headers['accept-language']);
  const fields = [reply.getHeader('vary') ?? []].flat().flatMap((value) => String(value).split(/\s*,\s*/));
  const others = fields.filter((field) => field.toLowerCase() !== 'accept-language');
  reply.headers({ 'content-language': language, vary: [...others, 'Accept-Language'].join(', ') });
  return language;
}
