import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** Read position of a user. */
@Entity()
export class NotificationReadMark {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notification_read_mark_pkey' })
  @ForeignKey('app_user', { name: 'notification_read_mark_user_id_fkey', onDelete: 'CASCADE' })
  userId!: string;

  /** Id of the newest read notification; all with smaller ids are read, too. */
  @Column('bigint')
  upTo!: string;
}
