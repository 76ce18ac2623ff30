import type { PipeTransform } from '@nestjs/common';
import { ValidationFailedError } from '../errors/index.js';

/** Largest PostgreSQL `integer`. */
export const MAX_ID = 2 ** 31 - 1;

/**
 * Parses an id from a path: a whole number from 1 to 2147483647 in plain decimal.
 * @throws ValidationFailedError
 */
export function toId(text: string | undefined): number {
  const id = text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : NaN;
  if (id <= MAX_ID) return id;
  const detail = {
    en: `must be a whole number from 1 to ${MAX_ID}`,
    ko: `1 이상 ${MAX_ID} 이하의 정수여야 합니다`,
  };
  throw new ValidationFailedError([{ pointer: '{id}', detail }]);
}

/**
 * Parses a path parameter as an id.
 * @example get(@Param('id', ParseIdPipe) id: number) {}
 */
export class ParseIdPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    return toId(text);
  }
}
