import { PartialType } from '@nestjs/swagger';
import { CreateReviewDto } from './create-review.dto.js';

/** Changes to a review: its rating, its content, or both. */
export class UpdateReviewDto extends PartialType(CreateReviewDto, { skipNullProperties: false }) {}
