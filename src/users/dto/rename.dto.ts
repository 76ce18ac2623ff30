import { IsString, Matches } from 'class-validator';
import { Trimmed } from '../../common/index.js';

/** New nickname. */
export class RenameDto {
  /**
   * Nickname: 2 to 20 letters (A–Z), digits or Hangul syllables; unique, not case-sensitive. Names such as `admin` or
   * `운영자` are reserved.
   * @example '초록미나'
   */
  @Trimmed()
  @IsString()
  @Matches(/^[A-Za-z0-9가-힣]{2,20}$/, {
    context: { en: 'must be 2 to 20 letters (A–Z), digits or Hangul', ko: '영문자, 숫자, 한글 2자 이상 20자 이하여야 합니다' },
  })
  nickname!: string;
}
