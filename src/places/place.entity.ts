import { applyDecorators } from '@nestjs/common';
import {
  Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique, UpdateDateColumn,
  VersionColumn, type ValueTransformer,
} from 'typeorm';
import { CacheType } from '../cache/index.js';
import type { Category } from './catalogue/categories.js';
import type { DistrictName } from './catalogue/districts.js';
import type { OpeningHours } from './opening-hours.js';

const SORTS = {
  createdAt: 'created_at',
  likeCount: 'like_count',
  rating: 'rating',
  reviewCount: 'review_count',
  popularity: 'popularity',
};
const FILTERS = [[], ['category'], ['district'], ['district', 'category']];

/** An index for every sort of every filter: a list has no other work than to read its page from it. */
function ListIndexes(): ClassDecorator {
  const indexes = FILTERS.flatMap((filter) =>
    Object.entries(SORTS).map(([key, column]) =>
      Index(['place', ...filter, column, 'idx'].join('_'), [...filter, key, 'id']),
    ),
  );
  return applyDecorators(...indexes);
}

/** The driver gives numeric as text, because it may have more digits than a number can hold; this one has three. */
const asNumber: ValueTransformer = { to: (value: unknown) => value, from: Number };

@CacheType({ name: 'place', version: 1 })
@Entity('place')
@Unique('place_kakao_id_key', ['kakaoId'])
// Unique over normalised texts, which TypeORM cannot say: made by the migration.
@Index('place_name_address_key', { synchronize: false })
@Index('place_owner_idx', ['ownerId'])
@ListIndexes()
@Check('place_counts_check', 'like_count >= 0 AND review_count >= 0')
@Check('place_rating_check', 'rating = CASE review_count WHEN 0 THEN 0 ELSE round(rating_sum / review_count, 2) END')
export class Place {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'place_pkey' })
  id!: number;

  @Column('varchar', { length: 100 })
  name!: string;

  @Column('text')
  category!: Category;

  @Column('varchar', { length: 200 })
  address!: string;

  @Column('text')
  district!: DistrictName;

  @Column('float8')
  lat!: number;

  @Column('float8')
  lng!: number;

  @Column('varchar', { length: 2000 })
  description!: string;

  @Column('varchar', { length: 20, nullable: true })
  phone!: string | null;

  @Column('varchar', { length: 500, nullable: true })
  homepage!: string | null;

  @Column('varchar', { length: 20, nullable: true })
  kakaoId!: string | null;

  /** Kept as written, Monday first; jsonb would sort the days by their names. */
  @Column('json', { nullable: true })
  openingHours!: OpeningHours | null;

  /** Kept by triggers of the database, like all that is counted. */
  @Column('int', { default: 0 })
  likeCount!: number;

  @Column('int', { default: 0 })
  reviewCount!: number;

  @Column('int', { default: 0 })
  ratingSum!: number;

  /** Mean of the ratings to two digits; 0 without reviews. */
  @Column('numeric', { precision: 3, scale: 2, default: 0, transformer: asNumber })
  rating!: number;

  /** Its score of the last seven days, kept by the rankings of `activity`; read only to put lists in order. */
  @Column('int', { default: 0, select: false })
  popularity!: number;

  /** Null when the owner has left. */
  @Column('uuid', { nullable: true })
  @ForeignKey('app_user', { name: 'place_owner_id_fkey', onDelete: 'SET NULL' })
  ownerId!: string | null;

  /** Grows with each edit; likes and reviews leave it alone. */
  @VersionColumn({ default: 1 })
  version!: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /** When it was last edited. */
  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;
}
