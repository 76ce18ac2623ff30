import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsNumber, IsObject, IsOptional, IsString, IsUrl, Matches, Max, Min, ValidateNested } from 'class-validator';
import { Length, MultiLineText, SingleLineText, Trimmed } from '../../common/index.js';
import { CATEGORY_CODES, type Category } from '../catalogue/categories.js';
import { DISTRICT_NAMES, SEOUL, type DistrictName } from '../catalogue/districts.js';
import { OpeningHoursDto } from './opening-hours.dto.js';

/**
 * New place. Texts are trimmed and normalized to Unicode NFC. They need a visible character and must not contain
 * control or bidirectional characters; line breaks are allowed in `description` only.
 */
export class CreatePlaceDto {
  /**
   * Name of the place, 1 to 100 characters.
   * @example '초록상점 연남'
   */
  @SingleLineText()
  @Length(1, 100)
  name!: string;

  /**
   * Category code; `GET /categories` lists all codes.
   * @example 'ZERO_WASTE'
   */
  @IsIn(CATEGORY_CODES)
  category!: Category;

  /**
   * Street address, 1 to 200 characters.
   * @example '서울 마포구 동교로 240, 1층'
   */
  @SingleLineText()
  @Length(1, 200)
  address!: string;

  /**
   * Korean name of the district (gu); `GET /districts` lists all districts.
   * @example '마포구'
   */
  @Trimmed()
  @IsIn(DISTRICT_NAMES)
  district!: DistrictName;

  /**
   * Latitude in degrees (WGS 84), within Seoul.
   * @example 37.5636
   */
  @IsNumber()
  @ApiProperty({ format: 'double' })
  @Min(SEOUL.lat[0])
  @Max(SEOUL.lat[1])
  lat!: number;

  /**
   * Longitude in degrees (WGS 84), within Seoul.
   * @example 126.9254
   */
  @IsNumber()
  @ApiProperty({ format: 'double' })
  @Min(SEOUL.lng[0])
  @Max(SEOUL.lng[1])
  lng!: number;

  /**
   * Description of the place, 1 to 2000 characters.
   * @example '포장 없는 곡물과 세제를 덜어 파는 가게. 용기를 가져오면 됩니다.'
   */
  @MultiLineText()
  @Length(1, 2000)
  description!: string;

  /**
   * Phone number: 8 to 20 digits, spaces and hyphens, optionally with a leading `+`.
   * @example '02-332-0000'
   */
  @IsOptional()
  @Trimmed()
  @IsString()
  @Matches(/^\+?\d[\d -]{6,17}\d$/, {
    context: { en: 'must be a phone number such as 02-123-4567', ko: '02-123-4567과 같은 전화번호여야 합니다' },
  })
  phone?: string | null;

  /**
   * Homepage: an http or https URL, at most 500 characters.
   * @example 'https://chorok.example'
   */
  @IsOptional()
  @SingleLineText()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, disallow_auth: true })
  @Length(1, 500)
  homepage?: string | null;

  /**
   * Kakao Map id of the place, 1 to 20 digits; unique.
   * @example '1456789012'
   */
  @IsOptional()
  @Trimmed()
  @IsString()
  @Matches(/^\d{1,20}$/, { context: { en: 'must be 1 to 20 digits', ko: '숫자 1자 이상 20자 이하여야 합니다' } })
  kakaoId?: string | null;

  /** Opening hours; null if unknown. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => OpeningHoursDto)
  openingHours?: OpeningHoursDto | null;
}
