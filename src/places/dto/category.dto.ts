import { ApiProperty } from '@nestjs/swagger';
import { CATEGORY_CODES, type Category } from '../catalogue/categories.js';

/** A kind of place. */
export class CategoryDto {
  /** What `category` of a place and of a query holds. */
  @ApiProperty({ enum: CATEGORY_CODES, example: 'ZERO_WASTE' })
  code!: Category;

  /**
   * In the language of `Accept-Language` (ko or en).
   * @example 'Zero-waste shop'
   */
  name!: string;

  /**
   * How many places of this kind there are.
   * @example 50
   */
  placeCount!: number;
}
