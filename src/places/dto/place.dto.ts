import { ApiProperty } from '@nestjs/swagger';
import { CacheType } from '../../cache/index.js';
import { MAX_ID } from '../../common/index.js';
import { CATEGORY_CODES, type Category } from '../catalogue/categories.js';
import { DISTRICT_NAMES, type DistrictName } from '../catalogue/districts.js';
import type { Place } from '../place.entity.js';
import { OpeningHoursDto } from './opening-hours.dto.js';
import { PlaceViewerDto } from './place-viewer.dto.js';

/** Eco-friendly place. */
@CacheType({ name: 'place-dto', version: 1 })
export class PlaceDto {
  /**
   * Id of the place.
   * @example 1
   */
  @ApiProperty({ maximum: MAX_ID })
  id!: number;

  /**
   * Name of the place.
   * @example '초록상점 연남'
   */
  name!: string;

  /** Category code. */
  @ApiProperty({ enum: CATEGORY_CODES, example: 'ZERO_WASTE' })
  category!: Category;

  /**
   * Street address.
   * @example '서울 마포구 동교로 240, 1층'
   */
  address!: string;

  /** Korean name of the district (gu). */
  @ApiProperty({ enum: DISTRICT_NAMES, example: '마포구' })
  district!: DistrictName;

  /**
   * Latitude in degrees (WGS 84).
   * @example 37.5636
   */
  @ApiProperty({ format: 'double' })
  lat!: number;

  /**
   * Longitude in degrees (WGS 84).
   * @example 126.9254
   */
  @ApiProperty({ format: 'double' })
  lng!: number;

  /**
   * Description of the place.
   * @example '포장 없는 곡물과 세제를 덜어 파는 가게. 용기를 가져오면 됩니다.'
   */
  description!: string;

  /**
   * Phone number; null if unknown.
   * @example '02-332-0000'
   */
  phone!: string | null;

  /**
   * URL of the homepage; null if there is none.
   * @example 'https://chorok.example'
   */
  homepage!: string | null;

  /**
   * Kakao Map id of the place; null if unknown.
   * @example '1456789012'
   */
  kakaoId!: string | null;

  /** Opening hours; null if unknown. */
  openingHours!: OpeningHoursDto | null;

  /** Photos; always empty for now. */
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0, example: [] })
  photos!: never[];

  /**
   * Number of likes.
   * @example 12
   */
  likeCount!: number;

  /**
   * Number of reviews.
   * @example 5
   */
  reviewCount!: number;

  /**
   * Mean rating, 1 to 5, rounded to two decimals; 0 without reviews.
   * @example 4.2
   */
  @ApiProperty({ format: 'double' })
  rating!: number;

  /**
   * UUID of the owner, who may edit the place; null if the account has been closed.
   * @example '7f0c2a9b-6b1e-4c43-9f52-0198d7a21f0c'
   */
  ownerId!: string | null;

  /**
   * Version, incremented by each edit; for `If-Match`.
   * @example 1
   */
  version!: number;

  /** Time of creation. */
  createdAt!: Date;

  /** Time of the last edit. */
  updatedAt!: Date;

  /** Your relation to the place; only with an access token. */
  viewer?: PlaceViewerDto;

  static from(place: Place, viewer?: PlaceViewerDto): PlaceDto {
    const { id, name, category, address, district, lat, lng, description, phone, homepage, kakaoId } = place;
    const { openingHours, likeCount, reviewCount, rating, ownerId, version, createdAt, updatedAt } = place;
    return Object.assign(
      new PlaceDto(),
      { id, name, category, address, district, lat, lng, description, phone, homepage, kakaoId, openingHours },
      { photos: [], likeCount, reviewCount, rating, ownerId, version, createdAt, updatedAt },
      viewer && { viewer },
    );
  }
}
