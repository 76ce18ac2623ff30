import { ApiProperty } from '@nestjs/swagger';
import { DISTRICT_NAMES, type DistrictName } from '../catalogue/districts.js';

/** District (gu) of Seoul. */
export class DistrictDto {
  /**
   * Administrative code: the first five digits of the legal-dong code.
   * @example '11440'
   */
  code!: string;

  /** Korean name of the district, as in `district` of a place and of a query. */
  @ApiProperty({ enum: DISTRICT_NAMES, example: '마포구' })
  name!: DistrictName;

  /**
   * Number of places in the district.
   * @example 12
   */
  placeCount!: number;
}
