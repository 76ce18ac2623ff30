import { Length, MultiLineText, SingleLineText } from '../../common/index.js';

/** New announcement to all users. */
export class CreateAnnouncementDto {
  /**
   * Title of the announcement, 1 to 100 characters.
   * @example '리필데이 안내'
   */
  @SingleLineText()
  @Length(1, 100)
  title!: string;

  /**
   * Text of the announcement, 1 to 2000 characters.
   * @example '이번 토요일은 모든 리필 스테이션이 10% 할인합니다.'
   */
  @MultiLineText()
  @Length(1, 2000)
  body!: string;
}
