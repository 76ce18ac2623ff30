import { getMetadataStorage, type ValidationError } from 'class-validator';
import type { FieldError, Localized } from '../errors/index.js';
import { ANY_CONSTRAINT, CONSTRAINT_TEXTS } from './constraint-texts.js';

/** Where the refused input stood; decides how a field is pointed at. */
export type InputSource = 'body' | 'query' | 'param';

/** Flattens the errors of class-validator: one entry a broken rule, in both languages, without refused values. */
export function fieldErrors(errors: readonly ValidationError[], source: InputSource, path = ''): FieldError[] {
  return errors.flatMap((error) => {
    const here = `${path}/${error.property.slice(0, 60).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const own = Object.keys(error.constraints ?? {}).map((rule) => ({
      pointer: pointerTo(here, source),
      detail: detailOf(error, rule),
    }));
    return [...own, ...fieldErrors(error.children ?? [], source, here)];
  });
}

/** `#/field` in a body (RFC 6901), `?field` in a query, `{field}` in a path. */
function pointerTo(path: string, source: InputSource): string {
  const name = path.slice(1);
  switch (source) {
    case 'body':
      return `#${path}`;
    case 'query':
      return `?${name}`;
    case 'param':
      return `{${name}}`;
  }
}

/** A decorator may bring its own text as `context: { en, ko }`. */
function detailOf(error: ValidationError, rule: string): Localized {
  const own = error.contexts?.[rule] as Localized | undefined;
  return own ?? CONSTRAINT_TEXTS[rule]?.(...limitsOf(error, rule)) ?? ANY_CONSTRAINT;
}

/** What the rule was given: `@Length(1, 100)` has 1 and 100. */
function limitsOf(error: ValidationError, rule: string): readonly string[] {
  if (error.target === undefined) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(error.target.constructor, '', false, false);
  const found = rules.find((each) => each.propertyName === error.property && each.name === rule);
  const limits = (found?.constraints ?? []) as readonly unknown[];
  return limits.map((limit) => (Array.isArray(limit) ? limit.join(', ') : String(limit)));
}
