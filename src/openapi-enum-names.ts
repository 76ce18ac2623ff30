import { DISTRICTS, type DistrictName } from './places/index.js';

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Puts `x-enum-varnames` beside enums whose values have letters beyond ASCII: generators of clients make constants of
 * the values, and some replace such letters by `_`, so that all constants have one name.
 * @param schema any part of a document; its parts are looked at, too
 * @throws Error for a value that has no name, so that nobody forgets one
 */
export function nameEnumValues(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  const { enum: values } = schema as { enum?: unknown };
  if (Array.isArray(values) && values.some(needsName)) {
    Object.assign(schema, { 'x-enum-varnames': values.map((value) => nameOf(String(value))) });
  }
  for (const part of Object.values(schema)) nameEnumValues(part);
}

function needsName(value: unknown): boolean {
  return typeof value === 'string' && /\P{ASCII}/u.test(value);
}

function nameOf(value: string): string {
  const name = value in DISTRICTS ? DISTRICTS[value as DistrictName].romanized : value;
  const constant = name.toUpperCase().replaceAll('-', '_');
  if (IDENTIFIER.test(constant)) return constant;
  throw new Error(`enum value ${JSON.stringify(value)} needs a name in ASCII for generated clients`);
}
