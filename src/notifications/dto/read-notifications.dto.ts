import { IsInt, Max, Min } from 'class-validator';

/** Position up to which notifications are read. */
export class ReadNotificationsDto {
  /**
   * Id of the newest notification you have read; all earlier ones are marked as read too.
   * @example 1024
   */
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  upTo!: number;
}
