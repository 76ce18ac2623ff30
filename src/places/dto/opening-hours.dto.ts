import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsObject, ValidateNested } from 'class-validator';
import type { OpeningHours } from '../opening-hours.js';
import { OpeningSpanDto } from './opening-span.dto.js';

const MAX_SPANS = 3;

/**
 * Opening times of a usual week: up to 3 spans a day, none on a day off. A day left out is a day off.
 * @example { "mon": [], "tue": [{ "open": "10:30", "close": "20:00" }] }
 */
export class OpeningHoursDto implements OpeningHours {
  /** Monday. */
  @Spans()
  mon: OpeningSpanDto[] = [];

  /** Tuesday. */
  @Spans()
  tue: OpeningSpanDto[] = [];

  /** Wednesday. */
  @Spans()
  wed: OpeningSpanDto[] = [];

  /** Thursday. */
  @Spans()
  thu: OpeningSpanDto[] = [];

  /** Friday. */
  @Spans()
  fri: OpeningSpanDto[] = [];

  /** Saturday. */
  @Spans()
  sat: OpeningSpanDto[] = [];

  /** Sunday. */
  @Spans()
  sun: OpeningSpanDto[] = [];
}

function Spans(): PropertyDecorator {
  const each = { each: true };
  const span = Type(() => OpeningSpanDto);
  const documented = ApiPropertyOptional({ maxItems: MAX_SPANS });
  return applyDecorators(documented, IsArray(), ArrayMaxSize(MAX_SPANS), IsObject(each), ValidateNested(each), span);
}
