import { ApiProperty } from '@nestjs/swagger';
import type { Role, Tier } from '../../common/index.js';
import type { User } from '../user.entity.js';

/** Your account. */
export class UserDto {
  /**
   * UUID of the user; places and reviews refer to it.
   * @example '7f0c2a9b-6b1e-4c43-9f52-0198d7a21f0c'
   */
  id!: string;

  /**
   * Address you log in with.
   * @example 'mina@example.com'
   */
  email!: string;

  /**
   * Name that others see, 2 to 20 characters.
   * @example '초록미나'
   */
  nickname!: string;

  /** What the user may do. */
  @ApiProperty({ enum: ['user', 'admin'] })
  role!: Role;

  /** How many requests a minute the user has. */
  @ApiProperty({ enum: ['user', 'premium', 'admin'] })
  tier!: Tier;

  /** When the account was opened. */
  createdAt!: Date;

  /** When the account last changed. */
  updatedAt!: Date;

  static from({ id, email, nickname, role, tier, createdAt, updatedAt }: User): UserDto {
    return Object.assign(new UserDto(), { id, email, nickname, role, tier, createdAt, updatedAt });
  }
}
