import { IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../common/index.js';
import { REVIEW_SORTS, type ReviewSort } from '../review-sorts.js';

/** Sort order and page of the reviews of a place. */
export class ReviewQueryDto extends PageQueryDto {
  /** Sort order: newest, most likes, or highest rating first. */
  @IsOptional()
  @IsIn(REVIEW_SORTS)
  sort: ReviewSort = 'latest';
}
