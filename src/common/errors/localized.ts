import Negotiator from 'negotiator';

/** The languages of answers; English is the one for all other wishes. */
const LANGUAGES = ['en', 'ko'] as const;

export type Language = (typeof LANGUAGES)[number];

/** One text in every language. */
export type Localized = Readonly<Record<Language, string>>;

/** The language an `Accept-Language` header asks for first (RFC 9110, section 12.5.4). */
export function preferredLanguage(header: string | undefined): Language {
  const [language] = new Negotiator({ headers: { 'accept-language': header } }).languages([...LANGUAGES]);
  return language === 'ko' ? 'ko' : 'en';
}
