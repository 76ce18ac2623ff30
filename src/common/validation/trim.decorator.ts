import { Transform } from 'class-transformer';

/**
 * Cleans a text before its rules are checked: NFC, so that equal-looking Hangul is equal, and no white space around it.
 * @example @Trimmed() @IsString() @Length(1, 100) name!: string;
 */
export const Trimmed = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.normalize('NFC').trim() : value));
