import { IsString } from 'class-validator';
import { Length } from '../../common/index.js';
import { DecodedPassword } from '../passwords/decoded-password.decorator.js';
import { NormalizedPassword } from '../passwords/normalized-password.decorator.js';

/** The password in force, and the one to come. */
export class ChangePasswordDto {
  /**
   * The password in force.
   * @example 'green-seoul-demo'
   */
  @IsString()
  @Length(1, 1000)
  currentPassword!: string;

  /**
   * 8 to 128 characters of any kind, hard to guess: no common password, word, date or pattern, nor made of your
   * nickname, your e-mail address or the service's name.
   * @example 'acorns under the ginkgo'
   */
  @NormalizedPassword()
  @IsString()
  @Length(8, 128)
  @DecodedPassword()
  newPassword!: string;
}
