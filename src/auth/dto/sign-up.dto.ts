import { IsEmail, IsString, Matches, MaxLength } from 'class-validator';
import { Length, Trimmed } from '../../common/index.js';
import { RenameDto } from '../../users/index.js';
import { DecodedPassword } from '../passwords/decoded-password.decorator.js';
import { NormalizedPassword } from '../passwords/normalized-password.decorator.js';

/** New account. */
export class SignUpDto extends RenameDto {
  /**
   * E-mail address in ASCII, without quotes; unique, not case-sensitive.
   * @example 'mina@example.com'
   */
  @Trimmed()
  @IsString()
  @IsEmail()
  @MaxLength(254)
  // Quotes are an alternative spelling of the same address: "mina"@example.com is mina@example.com.
  @Matches(/^[!#-~]+$/, {
    context: { en: 'must be written in ASCII, without quotes', ko: '따옴표를 뺀 영문자, 숫자, 기호만 쓸 수 있습니다' },
  })
  email!: string;

  /**
   * Password, 8 to 128 characters of any kind; not a common password, word, date or pattern, and not made of your
   * nickname, your e-mail address or the service's name.
   * @example 'acorns under the ginkgo'
   */
  @NormalizedPassword()
  @IsString()
  @Length(8, 128)
  @DecodedPassword()
  password!: string;
}
