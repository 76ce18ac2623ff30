import { IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../common/index.js';
import { RANKING_WINDOWS, type RankingWindow } from '../rankings/ranking-store.js';

/** Period and page of the ranking. */
export class PopularQueryDto extends PageQueryDto {
  /** Period of the ranking: the last 24 hours, or the last seven days. */
  @IsOptional()
  @IsIn(RANKING_WINDOWS)
  window: RankingWindow = 'day';
}
