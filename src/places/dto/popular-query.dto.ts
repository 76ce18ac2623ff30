import { IsIn, IsOptional } from 'class-validator';
import { RANKING_WINDOWS, type RankingWindow } from '../../activity/index.js';
import { PageQueryDto } from '../../common/index.js';

/** Period and page of the ranking. */
export class PopularQueryDto extends PageQueryDto {
  /** Period of the ranking: the last 24 hours, or the last seven days. */
  @IsOptional()
  @IsIn(RANKING_WINDOWS)
  window: RankingWindow = 'day';
}
