import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { Length, PageQueryDto, SingleLineText, Trimmed } from '../../common/index.js';
import { CATEGORY_CODES, type Category } from '../catalogue/categories.js';
import { DISTRICT_NAMES, type DistrictName } from '../catalogue/districts.js';
import { PLACE_SORTS, type PlaceSort } from '../place-query.js';

const upperCase = ({ value }: { value: unknown }) => (typeof value === 'string' ? value.toUpperCase() : value);

/** Which places, in which order. */
export class PlaceQueryDto extends PageQueryDto {
  /**
   * Only places of this kind.
   * @example 'ZERO_WASTE'
   */
  @IsOptional()
  @Trimmed()
  @Transform(upperCase)
  @IsIn(CATEGORY_CODES)
  category?: Category;

  /**
   * Only places in this gu, by its Korean name.
   * @example '마포구'
   */
  @IsOptional()
  @Trimmed()
  @IsIn(DISTRICT_NAMES)
  district?: DistrictName;

  /**
   * Only places in whose name, address or description every one of these words occurs, upper or lower case;
   * 1 to 50 characters.
   * @example '리필'
   */
  @IsOptional()
  @SingleLineText()
  @Length(1, 50)
  q?: string;

  /** Newest first, or most likes, best mean rating, most reviews, or most popular in the last seven days first. */
  @IsOptional()
  @IsIn(PLACE_SORTS)
  sort: PlaceSort = 'latest';
}
