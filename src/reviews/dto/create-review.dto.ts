import { IsInt, Max, Min } from 'class-validator';
import { Length, MultiLineText } from '../../common/index.js';

/** New review. */
export class CreateReviewDto {
  /**
   * Rating, 1 (poor) to 5 (excellent).
   * @example 5
   */
  @IsInt()
  @Min(1)
  @Max(5)
  rating!: number;

  /**
   * Text of the review, 1 to 1000 characters, at least one of them visible; trimmed.
   * @example '용기만 가져가면 세제를 그램 단위로 살 수 있어요. 직원분도 친절합니다.'
   */
  @MultiLineText()
  @Length(1, 1000)
  content!: string;
}
