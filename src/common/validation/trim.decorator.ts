import { Transform } from 'class-transformer';

/** Maximum length of a text to clean, in UTF-16 code units; no field allows half of it, so length rules reject more. */
const MAX_UNITS = 10_000;

/**
 * Normalizes a string before validation: NFC, so that equal-looking Hangul is equal, and no surrounding white space.
 * @example @Trimmed() @IsString() @Length(1, 100) name!: string;
 */
export const Trimmed = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    return typeof value === 'string' && value.length <= MAX_UNITS ? value.normalize('NFC').trim() : value;
  });
