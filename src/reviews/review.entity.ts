import {
  Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique, UpdateDateColumn,
} from 'typeorm';
import { CacheType } from '../cache/index.js';

@CacheType({ name: 'review', version: 1 })
@Entity()
@Unique('review_place_id_author_id_key', ['placeId', 'authorId'])
@Index('review_place_created_at_idx', ['placeId', 'createdAt', 'id'])
@Index('review_place_like_count_idx', ['placeId', 'likeCount', 'id'])
@Index('review_place_rating_idx', ['placeId', 'rating', 'id'])
@Index('review_created_at_idx', ['createdAt', 'placeId'])
@Index('review_author_idx', ['authorId', 'createdAt', 'id'])
@Check('review_rating_check', 'rating BETWEEN 1 AND 5')
@Check('review_like_count_check', 'like_count >= 0')
export class Review {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'review_pkey' })
  id!: number;

  @Column('int')
  @ForeignKey('place', { name: 'review_place_id_fkey', onDelete: 'CASCADE' })
  placeId!: number;

  /** Null once the author's account is deleted. */
  @Column('uuid', { nullable: true })
  @ForeignKey('app_user', { name: 'review_author_id_fkey', onDelete: 'SET NULL' })
  authorId!: string | null;

  /** 1 to 5. */
  @Column('smallint')
  rating!: number;

  @Column('varchar', { length: 1000 })
  content!: string;

  /** Maintained by database triggers. */
  @Column('int', { default: 0 })
  likeCount!: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;
}
