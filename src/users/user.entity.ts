import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { Role, Tier } from '../common/index.js';

@Entity('app_user')
// Unique indexes on lower(…), which TypeORM cannot declare; created by the migration.
@Index('app_user_email_key', { synchronize: false })
@Index('app_user_nickname_key', { synchronize: false })
@Check('app_user_role_check', `role IN ('user', 'admin')`)
@Check('app_user_tier_check', `tier IN ('user', 'premium', 'admin')`)
export class User {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'app_user_pkey' })
  id!: string;

  /** As entered at sign-up; unique, case-insensitively. */
  @Column('varchar', { length: 254 })
  email!: string;

  /** Unique, case-insensitively. */
  @Column('varchar', { length: 20 })
  nickname!: string;

  /** argon2id, PHC format; null for an account without a password. */
  @Column('text', { nullable: true })
  passwordHash!: string | null;

  @Column('text', { default: 'user' })
  role!: Role;

  @Column('text', { default: 'user' })
  tier!: Tier;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;
}
