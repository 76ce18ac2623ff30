import { IsEmail, IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { Length, SingleLineText, Trimmed } from '../../common/index.js';
import { DecodedPassword } from '../passwords/decoded-password.decorator.js';

/** Transport of the refresh token: body and `Refresh` header, or an HttpOnly cookie. */
export type RefreshTransport = 'body' | 'cookie';

/** Credentials and device of a login. */
export class LogInDto {
  /**
   * E-mail address of the account, in ASCII; not case-sensitive.
   * @example 'user@ecogreen.example'
   */
  @Trimmed()
  @IsString()
  @IsEmail()
  @MaxLength(254)
  // As at sign-up. Beyond ASCII, PostgreSQL and Node lower-case differently: one account would have several throttles.
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
   * Name of this device in the list of sessions.
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
   * Transport of the refresh token and the device token: `body`, or `cookie` for HttpOnly cookies (browsers).
   * @example 'body'
   */
  @IsOptional()
  @IsIn(['body', 'cookie'])
  transport: RefreshTransport = 'body';
}
