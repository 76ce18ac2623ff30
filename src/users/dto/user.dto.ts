import { ApiProperty } from '@nestjs/swagger';
import type { Role, Tier } from '../../common/index.js';
import type { User } from '../user.entity.js';

/** User account. */
export class UserDto {
  /**
   * UUID of the user; referenced by places and reviews.
   * @example '7f0c2a9b-6b1e-4c43-9f52-0198d7a21f0c'
   */
  id!: string;

  /**
   * E-mail address for login.
   * @example 'mina@example.com'
   */
  email!: string;

  /**
   * Public nickname, 2 to 20 characters.
   * @example '초록미나'
   */
  nickname!: string;

  /** Role of the user; determines permissions. */
  @ApiProperty({ enum: ['user', 'admin'] })
  role!: Role;

  /** Rate limit tier of the user. */
  @ApiProperty({ enum: ['user', 'premium', 'admin'] })
  tier!: Tier;

  /** Time of sign-up. */
  createdAt!: Date;

  /** Time of the last change. */
  updatedAt!: Date;

  static from({ id, email, nickname, role, tier, createdAt, updatedAt }: User): UserDto {
    return Object.assign(new UserDto(), { id, email, nickname, role, tier, createdAt, updatedAt });
  }
}
