import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { Length } from '../validation/length.decorator.js';

/** Page of a list. */
export class PageQueryDto {
  /**
   * Maximum number of items on the page.
   * @example 20
   */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  /** `nextCursor` of the previous page; omitted for the first page. */
  @IsOptional()
  @IsString()
  @Length(1, 500)
  cursor?: string;
}
