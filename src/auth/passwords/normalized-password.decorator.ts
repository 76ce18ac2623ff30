import { Transform } from 'class-transformer';
import { normalizePassword } from './password-hasher.js';

/** Units of the longest password that is normalized; its length refuses a longer one as it is. */
const MAX_UNITS = 1_000;

/**
 * Brings a password to its one spelling before its length is checked, so that Hangul counts in syllables.
 * @example @NormalizedPassword() @IsString() @Length(8, 128) password!: string;
 */
export const NormalizedPassword = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    return typeof value === 'string' && value.length <= MAX_UNITS ? normalizePassword(value) : value;
  });
