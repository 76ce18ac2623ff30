import { ApiProperty } from '@nestjs/swagger';
import { CATEGORY_CODES, type Category } from '../catalogue/categories.js';

/** Category of places. */
export class CategoryDto {
  /** Code of the category, as in `category` of a place and of a query. */
  @ApiProperty({ enum: CATEGORY_CODES, example: 'ZERO_WASTE' })
  code!: Category;

  /**
   * Name of the category, in the language of `Accept-Language` (ko, en).
   * @example 'Zero-waste shop'
   */
  name!: string;

  /**
   * Number of places in the category.
   * @example 50
   */
  placeCount!: number;
}
