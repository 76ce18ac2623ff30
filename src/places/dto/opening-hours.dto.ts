import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsObject, ValidateNested } from 'class-validator';
import type { OpeningHours } from '../opening-hours.js';
import { OpeningSpanDto } from './opening-span.dto.js';

const MAX_SPANS = 3;

/**
 * Regular weekly opening hours: up to 3 time spans a day. An omitted or empty day is a closed day.
 * @example { "mon": [], "tue": [{ "open": "10:30", "close": "20:00" }] }
 */
export class OpeningHoursDto implements OpeningHours {
  /** Time spans on Monday. */
  @Spans()
  mon: OpeningSpanDto[] = [];

  /** Time spans on Tuesday. */
  @Spans()
  tue: OpeningSpanDto[] = [];

  /** Time spans on Wednesday. */
  @Spans()
  wed: OpeningSpanDto[] = [];

  /** Time spans on Thursday. */
  @Spans()
  thu: OpeningSpanDto[] = [];

  /** Time spans on Friday. */
  @Spans()
  fri: OpeningSpanDto[] = [];

  /** Time spans on Saturday. */
  @Spans()
  sat: OpeningSpanDto[] = [];

  /** Time spans on Sunday. */
  @Spans()
  sun: OpeningSpanDto[] = [];
}

function Spans(): PropertyDecorator {
  const each = { each: true };
  const span = Type(() => OpeningSpanDto);
  const documented = ApiPropertyOptional({ maxItems: MAX_SPANS });
  return applyDecorators(documented, IsArray(), ArrayMaxSize(MAX_SPANS), IsObject(each), ValidateNested(each), span);
}
