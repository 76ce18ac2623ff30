/** The languages of answers; English is the one for all other wishes. */
const LANGUAGES = ['en', 'ko'] as const;

export type Language = (typeof LANGUAGES)[number];

/** One text in every language. */
export type Localized = Readonly<Record<Language, string>>;

/** The language an `Accept-Language` header asks for first (RFC 9110, section 12.5.4). */
export function preferredLanguage(header: string | undefined): Language {
  const wishes = (header ?? '').slice(0, 200).split(',').map((wish) => {
    const [tag = '', ...parameters] = wish.trim().toLowerCase().split(';');
    const quality = parameters.map((each) => /^\s*q=([\d.]+)$/.exec(each)?.[1]).find((each) => each !== undefined);
    return { language: tag.split('-')[0], quality: Number(quality ?? 1) };
  });
  const known = wishes.filter((wish) => wish.quality > 0 && LANGUAGES.some((each) => each === wish.language));
  const best = known.reduce<(typeof known)[number] | undefined>(
    (first, wish) => (first === undefined || wish.quality > first.quality ? wish : first),
    undefined,
  );
  return best?.language === 'ko' ? 'ko' : 'en';
}
