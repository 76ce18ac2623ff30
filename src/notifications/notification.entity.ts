import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { Audience, NotificationKind } from './notification.js';

/** Table of notifications; `NotificationsRepository` reads and writes it in SQL. */
@Entity('notification')
@Unique('notification_source_key', ['source'])
@Index('notification_recipient_idx', ['userId', 'audience', 'id'])
@Index('notification_sender_idx', ['senderId', 'userId', 'createdAt'])
@Check(
  'notification_audience_check',
  `CASE audience WHEN 'user' THEN user_id IS NOT NULL WHEN 'admins' THEN user_id IS NULL
    WHEN 'all' THEN user_id IS NULL ELSE false END`,
)
export class NotificationRow {
  /** Assigned in commit order: a reader that sees an id can see all smaller ones. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'notification_pkey',
  })
  id!: string;

  /** Deduplication key: names the cause of the notification, and is unique. */
  @Column('text')
  source!: string;

  @Column('text')
  audience!: Audience;

  /** Null unless `audience` is `user`. */
  @Column('uuid', { nullable: true })
  @ForeignKey('app_user', { name: 'notification_user_id_fkey', onDelete: 'CASCADE' })
  userId!: string | null;

  /** User whose action is reported; null if there is none, or once the account is deleted. */
  @Column('uuid', { nullable: true })
  @ForeignKey('app_user', { name: 'notification_sender_id_fkey', onDelete: 'SET NULL' })
  senderId!: string | null;

  @Column('text')
  kind!: NotificationKind;

  /** Type json preserves the order of the fields; jsonb would reorder them. */
  @Column('json')
  data!: object;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
