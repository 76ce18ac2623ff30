import type { PipeTransform } from '@nestjs/common';
import { ValidationFailedError } from '../errors/index.js';

/** The largest `integer` of PostgreSQL. */
export const MAX_ID = 2 ** 31 - 1;

/**
 * Reads an id in a path: a whole number from 1 to 2147483647 in plain decimal.
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
 * Gives a handler an id of its path.
 * @example get(@Param('id', ParseIdPipe) id: number) {}
 */
export class ParseIdPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    return toId(text);
  }
}
