import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { Audience, NotificationKind } from './notification.js';

/** How notifications are stored; `NotificationsRepository` reads and writes them in SQL. */
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
  /** Given out in the order of the commits: who has seen one has seen all below it. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'notification_pkey',
  })
  id!: string;

  /** What it tells of, spelled so that the same thing is told once. */
  @Column('text')
  source!: string;

  @Column('text')
  audience!: Audience;

  /** Null unless it is for one user. */
  @Column('uuid', { nullable: true })
  @ForeignKey('app_user', { name: 'notification_user_id_fkey', onDelete: 'CASCADE' })
  userId!: string | null;

  /** Whose action it tells of; null when nobody's, or when they have left. */
  @Column('uuid', { nullable: true })
  @ForeignKey('app_user', { name: 'notification_sender_id_fkey', onDelete: 'SET NULL' })
  senderId!: string | null;

  @Column('text')
  kind!: NotificationKind;

  /** Kept as written; jsonb would sort the fields. */
  @Column('json')
  data!: object;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
