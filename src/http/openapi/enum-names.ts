import { DISTRICTS, type DistrictName } from '../../places/index.js';

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Adds `x-enum-varnames` to enums with non-ASCII values: client generators derive the names of constants from the
 * values, and some replace such letters by `_`, so that all constants get the same name.
 * @param schema any part of a document; processed recursively
 * @throws Error for a value without a name, so that none is forgotten
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
