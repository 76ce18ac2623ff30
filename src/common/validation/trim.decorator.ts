import { Transform } from 'class-transformer';

/** Maximum length of a text to normalize, in UTF-16 code units; the length rules reject longer ones anyway. */
const MAX_UNITS = 10_000;

/**
 * Normalizes a string before validation: NFC, so that equal-looking Hangul is equal, and no surrounding white space.
 * @example @Trimmed() @IsString() @Length(1, 100) name!: string;
 */
export const Trimmed = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    return typeof value === 'string' && value.length <= MAX_UNITS ? value.normalize('NFC').trim() : value;
  });
