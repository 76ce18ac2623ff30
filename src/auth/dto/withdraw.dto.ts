import { IsOptional, IsString } from 'class-validator';
import { Length, OptionalBody } from '../../common/index.js';

/** Proof that it is the owner who closes the account. */
@OptionalBody()
export class WithdrawDto {
  /**
   * Password of the account; not needed within five minutes of a login on this device.
   * @example 'green-seoul-demo'
   */
  @IsOptional()
  @IsString()
  @Length(1, 1000)
  password?: string;
}
