import { CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Place } from '../place.entity.js';

@Entity()
@Index('place_bookmark_created_at_idx', ['createdAt', 'placeId'])
@Index('place_bookmark_user_idx', ['userId', 'createdAt', 'placeId'])
export class PlaceBookmark {
  @PrimaryColumn('int', { primaryKeyConstraintName: 'place_bookmark_pkey' })
  @ForeignKey(() => Place, { name: 'place_bookmark_place_id_fkey', onDelete: 'CASCADE' })
  placeId!: number;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'place_bookmark_pkey' })
  @ForeignKey('app_user', { name: 'place_bookmark_user_id_fkey', onDelete: 'CASCADE' })
  userId!: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
