import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Review } from './review.entity.js';

@Entity()
@Index('review_like_user_idx', ['userId'])
export class ReviewLike {
  @PrimaryColumn('int', { primaryKeyConstraintName: 'review_like_pkey' })
  @ForeignKey(() => Review, { name: 'review_like_review_id_fkey', onDelete: 'CASCADE' })
  reviewId!: number;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'review_like_pkey' })
  @ForeignKey('app_user', { name: 'review_like_user_id_fkey', onDelete: 'CASCADE' })
  userId!: string;
}
