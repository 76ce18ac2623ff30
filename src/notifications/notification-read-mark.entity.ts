import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** Up to where a user has read. */
@Entity()
export class NotificationReadMark {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notification_read_mark_pkey' })
  @ForeignKey('app_user', { name: 'notification_read_mark_user_id_fkey', onDelete: 'CASCADE' })
  userId!: string;

  /** Id of the newest notification that is read; so are all before it. */
  @Column('bigint')
  upTo!: string;
}
