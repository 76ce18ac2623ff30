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

/** One index per combination of filter and sort, so that a list query only reads its page from an index. */
function ListIndexes(): ClassDecorator {
  const indexes = FILTERS.flatMap((filter) =>
    Object.entries(SORTS).map(([key, column]) =>
      Index(['place', ...filter, column, 'idx'].join('_'), [...filter, key, 'id']),
    ),
  );
  return applyDecorators(...indexes);
}

/** The driver returns numeric as text, since it may exceed the precision of a number; this column has three digits. */
const asNumber: ValueTransformer = { to: (value: unknown) => value, from: Number };

@CacheType({ name: 'place', version: 1 })
@Entity('place')
@Unique('place_kakao_id_key', ['kakaoId'])
// Unique index on normalized texts (expressions), which TypeORM cannot declare; created by a migration.
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

  /** Type json preserves the order of the days, Monday first; jsonb would reorder the keys. */
  @Column('json', { nullable: true })
  openingHours!: OpeningHours | null;

  /** Maintained by database triggers, like all counters. */
  @Column('int', { default: 0 })
  likeCount!: number;

  @Column('int', { default: 0 })
  reviewCount!: number;

  @Column('int', { default: 0 })
  ratingSum!: number;

  /** Mean rating, rounded to two decimals; 0 without reviews. */
  @Column('numeric', { precision: 3, scale: 2, default: 0, transformer: asNumber })
  rating!: number;

  /** Popularity score of the last seven days, set from outside; used only to sort lists. */
  @Column('int', { default: 0, select: false })
  popularity!: number;

  /** Null once the owner's account is deleted. */
  @Column('uuid', { nullable: true })
  @ForeignKey('app_user', { name: 'place_owner_id_fkey', onDelete: 'SET NULL' })
  ownerId!: string | null;

  /** Incremented by each edit, not by likes or reviews. */
  @VersionColumn({ default: 1 })
  version!: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /** Time of the last edit. */
  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;
}
