import { ValidateBy } from 'class-validator';

/**
 * Restricts the length of a string in characters, counted in code points as in PostgreSQL and JSON Schema. The rule of
 * the same name in class-validator counts an emoji and its variation selector as one character, so an accepted text
 * might not fit the column.
 * @example @IsString() @Length(1, 100) name!: string;
 */
export function Length(min: number, max: number): PropertyDecorator {
  return ValidateBy({
    name: 'isLength',
    constraints: [min, max],
    validator: { validate: (value) => typeof value === 'string' && isWithin(value, min, max) },
  });
}

function isWithin(text: string, min: number, max: number): boolean {
  // A code point has one or two UTF-16 code units, so longer texts need not be counted.
  if (text.length > 2 * max) return false;
  const { length } = Array.from(text);
  return length >= min && length <= max;
}
