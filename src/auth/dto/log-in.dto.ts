import { IsEmail, IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { Length, SingleLineText, Trimmed } from '../../common/index.js';
import { DecodedPassword } from '../passwords/decoded-password.decorator.js';

/** How the refresh token travels: in the body and the `Refresh` header, or in a cookie that no script can read. */
export type RefreshTransport = 'body' | 'cookie';

/** Who logs in, and from what. */
export class LogInDto {
  /**
   * Address of the account, in any case, in ASCII.
   * @example 'user@ecogreen.example'
   */
  @Trimmed()
  @IsEmail()
  @MaxLength(254)
  // As at sign-up. Beyond it PostgreSQL and we do not agree on lower case: one account would be many to the throttle.
  @Matches(/^[!-~]+$/, { context: { en: 'must be written in ASCII', ko: '영문자, 숫자, 기호만 쓸 수 있습니다' } })
  email!: string;

  /**
   * Password of the account.
   * @example 'green-seoul-demo'
   */
  @IsString()
  @Length(1, 1000)
  @DecodedPassword()
  password!: string;

  /**
   * What to call this device in the list of sessions.
   * @example '미나의 휴대폰'
   */
  @IsOptional()
  @SingleLineText()
  @Length(1, 100)
  device?: string;

  /**
   * The `deviceToken` of the last login to this account on this device. With it, failed logins by other clients do not
   * delay this one.
   * @example 'kq3v0Z8rXb1mT5yNw7cLs2HdGj4iOqXnMsVtKwpQ9aEfUgRz'
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  deviceToken?: string;

  /**
   * `cookie` (browsers): the refresh token and the device token come in HttpOnly cookies and are not in the body.
   * @example 'body'
   */
  @IsOptional()
  @IsIn(['body', 'cookie'])
  transport: RefreshTransport = 'body';
}
