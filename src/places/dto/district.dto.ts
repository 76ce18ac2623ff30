import { ApiProperty } from '@nestjs/swagger';
import { DISTRICT_NAMES, type DistrictName } from '../catalogue/districts.js';

/** A gu of Seoul. */
export class DistrictDto {
  /**
   * Administrative code: the first five digits of the legal-dong code.
   * @example '11440'
   */
  code!: string;

  /** Its Korean name, which `district` of a place and of a query holds. */
  @ApiProperty({ enum: DISTRICT_NAMES, example: '마포구' })
  name!: DistrictName;

  /**
   * How many places are in it.
   * @example 12
   */
  placeCount!: number;
}
