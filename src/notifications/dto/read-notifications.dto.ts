import { IsInt, Max, Min } from 'class-validator';

/** Up to where you have read. */
export class ReadNotificationsDto {
  /**
   * Id of the newest notification you have seen; it and all before it are read.
   * @example 1024
   */
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  upTo!: number;
}
