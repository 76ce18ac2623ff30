import { ValidateBy } from 'class-validator';

/**
 * Holds a text to a length in characters, counted as PostgreSQL and JSON Schema do: in code points. The rule of the
 * same name in class-validator counts an emoji and its variation selector as one, which do not fit the column then.
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
  // A code point has one or two units: longer texts need no counting.
  if (text.length > 2 * max) return false;
  const { length } = Array.from(text);
  return length >= min && length <= max;
}
