import { CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Place } from '../place.entity.js';

@Entity()
@Index('place_like_created_at_idx', ['createdAt', 'placeId'])
@Index('place_like_user_idx', ['userId', 'createdAt', 'placeId'])
export class PlaceLike {
  @PrimaryColumn('int', { primaryKeyConstraintName: 'place_like_pkey' })
  @ForeignKey(() => Place, { name: 'place_like_place_id_fkey', onDelete: 'CASCADE' })
  placeId!: number;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'place_like_pkey' })
  @ForeignKey('app_user', { name: 'place_like_user_id_fkey', onDelete: 'CASCADE' })
  userId!: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
