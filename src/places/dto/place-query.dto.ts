import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { Length, PageQueryDto, SingleLineText, Trimmed } from '../../common/index.js';
import { CATEGORY_CODES, type Category } from '../catalogue/categories.js';
import { DISTRICT_NAMES, type DistrictName } from '../catalogue/districts.js';
import { PLACE_SORTS, type PlaceSort } from '../place-query.js';

const upperCase = ({ value }: { value: unknown }) => (typeof value === 'string' ? value.toUpperCase() : value);

/** Filters, sort order and page of a list of places. */
export class PlaceQueryDto extends PageQueryDto {
  /**
   * Category of the places.
   * @example 'ZERO_WASTE'
   */
  @IsOptional()
  @Trimmed()
  @Transform(upperCase)
  @IsIn(CATEGORY_CODES)
  category?: Category;

  /**
   * Korean name of the district (gu) of the places.
   * @example '마포구'
   */
  @IsOptional()
  @Trimmed()
  @IsIn(DISTRICT_NAMES)
  district?: DistrictName;

  /**
   * Search words, separated by spaces, 1 to 50 characters; each must occur in the name, address or description. Not
   * case-sensitive.
   * @example '리필'
   */
  @IsOptional()
  @SingleLineText()
  @Length(1, 50)
  q?: string;

  /** Sort order: newest, most likes, highest rating, most reviews, or most popular of the last seven days first. */
  @IsOptional()
  @IsIn(PLACE_SORTS)
  sort: PlaceSort = 'latest';
}
