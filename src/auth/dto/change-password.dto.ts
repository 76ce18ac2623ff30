import { IsString } from 'class-validator';
import { Length } from '../../common/index.js';
import { DecodedPassword } from '../passwords/decoded-password.decorator.js';
import { NormalizedPassword } from '../passwords/normalized-password.decorator.js';

/** Current and new password. */
export class ChangePasswordDto {
  /**
   * Current password.
   * @example 'green-seoul-demo'
   */
  @IsString()
  @Length(1, 1000)
  currentPassword!: string;

  /**
   * New password, 8 to 128 characters of any kind; not a common password, word, date or pattern, and not made of your
   * nickname, your e-mail address or the service's name.
   * @example 'acorns under the ginkgo'
   */
  @NormalizedPassword()
  @IsString()
  @Length(8, 128)
  @DecodedPassword()
  newPassword!: string;
}
