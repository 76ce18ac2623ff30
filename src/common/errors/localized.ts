import Negotiator from 'negotiator';

/** Response languages; English is the fallback for all other preferences. */
const LANGUAGES = ['en', 'ko'] as const;

/** Maximum number of `Accept-Language` entries compared: browsers send about 5, and each comparison costs time. */
const MAX_ENTRIES = 20;

export type Language = (typeof LANGUAGES)[number];

/** A text in every response language. */
export type Localized = Readonly<Record<Language, string>>;

/** Response language that an `Accept-Language` header prefers (RFC 9110, section 12.5.4). */
export function preferredLanguage(header: string | undefined): Language {
  const first = header?.split(',', MAX_ENTRIES).join();
  const [language] = new Negotiator({ headers: { 'accept-language': first } }).languages([...LANGUAGES]);
  return language === 'ko' ? 'ko' : 'en';
}
