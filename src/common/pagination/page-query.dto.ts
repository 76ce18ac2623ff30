import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { Length } from '../validation/length.decorator.js';

/** Which part of a list. */
export class PageQueryDto {
  /**
   * How many items the page holds at most.
   * @example 20
   */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  /** The `nextCursor` of the previous page, unchanged; left out for the first page. */
  @IsOptional()
  @IsString()
  @Length(1, 500)
  cursor?: string;
}
