import { Transform } from 'class-transformer';
import { normalizePassword } from './password-hasher.js';

/**
 * Brings a password to its one spelling before its length is checked, so that Hangul counts in syllables.
 * @example @NormalizedPassword() @IsString() @Length(8, 128) password!: string;
 */
export const NormalizedPassword = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalizePassword(value) : value));
