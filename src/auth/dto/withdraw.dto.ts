import { IsOptional, IsString } from 'class-validator';
import { Length, OptionalBody } from '../../common/index.js';

/** Confirmation of identity. */
@OptionalBody()
export class WithdrawDto {
  /**
   * Password of the account; not required within five minutes after a login on this device.
   * @example 'green-seoul-demo'
   */
  @IsOptional()
  @IsString()
  @Length(1, 1000)
  password?: string;
}
