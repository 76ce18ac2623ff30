import Negotiator from 'negotiator';

/** The languages of answers; English is the one for all other wishes. */
const LANGUAGES = ['en', 'ko'] as const;

/** Entries of `Accept-Language` that are looked at: browsers send about 5, and each entry costs time to compare. */
const MAX_ENTRIES = 20;

export type Language = (typeof LANGUAGES)[number];

/** One text in every language. */
export type Localized = Readonly<Record<Language, string>>;

/** The language an `Accept-Language` header asks for first (RFC 9110, section 12.5.4). */
export function preferredLanguage(header: string | undefined): Language {
  const first = header?.split(',', MAX_ENTRIES).join();
  const [language] = new Negotiator({ headers: { 'accept-language': first } }).languages([...LANGUAGES]);
  return language === 'ko' ? 'ko' : 'en';
}
