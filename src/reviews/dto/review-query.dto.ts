import { IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../common/index.js';
import { REVIEW_SORTS, type ReviewSort } from '../review-sorts.js';

/** Which reviews of a place come first. */
export class ReviewQueryDto extends PageQueryDto {
  /** Newest first, or most likes, or best rating first. */
  @IsOptional()
  @IsIn(REVIEW_SORTS)
  sort: ReviewSort = 'latest';
}
