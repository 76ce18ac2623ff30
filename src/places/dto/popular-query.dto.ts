import { IsIn, IsOptional } from 'class-validator';
import { RANKING_WINDOWS, type RankingWindow } from '../../activity/index.js';
import { PageQueryDto } from '../../common/index.js';

/** Popular when, and which part of the list. */
export class PopularQueryDto extends PageQueryDto {
  /** What counts: the last 24 hours, or the last seven days. */
  @IsOptional()
  @IsIn(RANKING_WINDOWS)
  window: RankingWindow = 'day';
}
