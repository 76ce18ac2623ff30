import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import type { OpeningSpan } from '../opening-hours.js';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const context = { en: 'must be a time from 00:00 to 23:59', ko: '00:00부터 23:59까지의 시각이어야 합니다' };

/** Time span from opening to closing. */
export class OpeningSpanDto implements OpeningSpan {
  /**
   * Opening time, `HH:MM` in Seoul time.
   * @example '10:30'
   */
  @ApiProperty({ pattern: TIME.source })
  @IsString()
  @Matches(TIME, { context })
  open!: string;

  /**
   * Closing time, `HH:MM` in Seoul time; on the next day unless after the opening time.
   * @example '20:00'
   */
  @ApiProperty({ pattern: TIME.source })
  @IsString()
  @Matches(TIME, { context })
  close!: string;
}
