import { getMetadataStorage, type ValidationError } from 'class-validator';
import { ValidationFailedError, type FieldError, type Localized } from '../errors/index.js';
import { ANY_CONSTRAINT, CONSTRAINT_TEXTS, ofEachItem } from './constraint-texts.js';

/** Maximum number of errors reported in a response. */
const MAX_REPORTED = 20;

/**
 * Rules about the type of a value. If one is broken, the other rules of the field say nothing: `"5"` is not above a
 * maximum of 5.
 */
const TYPE_RULES = ['isString', 'isInt', 'isNumber', 'isArray', 'isObject'];

/** Location of the rejected input in the request; decides the form of the pointer. */
export type InputSource = 'body' | 'query' | 'param';

/**
 * Flattens the errors of class-validator, which must contain the values: one entry per rejected field, in both
 * languages, without rejected values; at most 20.
 */
export function fieldErrors(errors: readonly ValidationError[], source: InputSource): FieldError[] {
  const broken: FieldError[] = [];
  const collect = (level: readonly ValidationError[], path: string): void => {
    for (const error of level) {
      const here = `${path}/${error.property.slice(0, 60).replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (broken.length === MAX_REPORTED) return;
      const rule = ruleToReport(error);
      if (rule === undefined) collect(error.children ?? [], here);
      else broken.push({ pointer: pointerTo(here, source), detail: detailOf(error, rule) });
    }
  };
  collect(errors, '');
  return broken;
}

/** The broken rule to report for a field: presence, else type, else any; none if only nested fields are wrong. */
function ruleToReport({ constraints = {}, value }: ValidationError): string | undefined {
  const [first] = Object.keys(constraints);
  if (first === undefined) return undefined;
  if (value === undefined) return 'isDefined';
  return TYPE_RULES.find((rule) => rule in constraints) ?? first;
}

/** Error for input that is not a JSON object: an array, a string, a number, null, or nothing. */
export function notAnObject(source: InputSource): ValidationFailedError {
  return new ValidationFailedError([{ pointer: pointerTo('', source), detail: textOf('isObject', []) }]);
}

/** `#/field` in a body (RFC 6901), `?field` in a query, `{field}` in a path; `#` is the whole body. */
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

/** Error text of a rule; a decorator may supply its own as `context: { en, ko }`. */
function detailOf(error: ValidationError, rule: string): Localized {
  const own = error.contexts?.[rule] as Localized | undefined;
  if (own !== undefined) return own;
  const { constraints = [], each = false } = ruleOf(error, rule) ?? {};
  const text = textOf(rule, (constraints as readonly unknown[]).map(limitOf));
  return each ? ofEachItem(text) : text;
}

function limitOf(constraint: unknown): string {
  return Array.isArray(constraint) ? constraint.join(', ') : String(constraint);
}

function textOf(rule: string, limits: readonly string[]): Localized {
  return CONSTRAINT_TEXTS[rule]?.(...limits) ?? ANY_CONSTRAINT;
}

/** Metadata of a rule, with its constraints: 1 and 100 for `@Length(1, 100)`. */
function ruleOf({ target, property }: ValidationError, rule: string) {
  if (target === undefined) return undefined;
  const rules = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return rules.find((each) => each.propertyName === property && each.name === rule);
}
