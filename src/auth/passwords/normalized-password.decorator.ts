import { Transform } from 'class-transformer';
import { normalizePassword } from './password-hasher.js';

/** Maximum length (UTF-16 code units) of a password to normalize; the length check rejects longer ones unchanged. */
const MAX_UNITS = 1_000;

/**
 * Normalizes a password before its length is checked, so that Hangul is counted in syllables.
 * @example @NormalizedPassword() @IsString() @Length(8, 128) password!: string;
 */
export const NormalizedPassword = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    return typeof value === 'string' && value.length <= MAX_UNITS ? normalizePassword(value) : value;
  });
