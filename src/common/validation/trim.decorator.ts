import { Transform } from 'class-transformer';

/** Units of the longest text that is cleaned; no field takes half as much, so its length refuses it as it is. */
const MAX_UNITS = 10_000;

/**
 * Cleans a text before its rules are checked: NFC, so that equal-looking Hangul is equal, and no white space around it.
 * @example @Trimmed() @IsString() @Length(1, 100) name!: string;
 */
export const Trimmed = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    return typeof value === 'string' && value.length <= MAX_UNITS ? value.normalize('NFC').trim() : value;
  });
