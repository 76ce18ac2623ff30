import { IsEmail, IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { SingleLineText, Trimmed } from '../../common/index.js';

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
   * `cookie` (browsers): the refresh token comes in an HttpOnly cookie and is not in the body.
   * @example 'body'
   */
  @IsOptional()
  @IsIn(['body', 'cookie'])
  transport: RefreshTransport = 'body';
}
