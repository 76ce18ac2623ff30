import { Matches } from 'class-validator';

/**
 * Rejects a password that contains U+FFFD, the replacement character for undecodable bytes: it would equal every
 * password with other undecodable bytes in its place.
 * @example @DecodedPassword() @IsString() password!: string;
 */
export const DecodedPassword = (): PropertyDecorator =>
  Matches(/^[^\uFFFD]*$/, {
    context: {
      en: 'must not contain U+FFFD, which results from a wrong encoding; send it in UTF-8',
      ko: '잘못된 인코딩에서 생기는 U+FFFD를 쓸 수 없습니다. UTF-8로 보내세요',
    },
  });
