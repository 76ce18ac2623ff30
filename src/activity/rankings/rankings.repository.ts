import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';

/** A place with its popularity score. */
export interface RankedPlace {
  readonly placeId: number;
  /** 0 to 1,000,000. */
  readonly score: number;
}

/**
 * Score of every place with activity in the current hour or the $1 - 1 hours before it. Views count logarithmically, so
 * that a client cannot make a place popular by requesting it a thousand times; views and likes are weighted as in
 * Discourse's top topics (ADR-0056). Removed marks and deleted reviews do not count, since their rows are gone.
 */
const SCORES = `
  WITH since AS MATERIALIZED (SELECT date_trunc('hour', now()) - ($1 - 1) * interval '1 hour' AS time),
    happened AS (
      SELECT place_id, views, 0 AS marks, 0 AS reviews FROM place_view WHERE hour >= (SELECT time FROM since)
      UNION ALL SELECT place_id, 0, 1, 0 FROM place_like WHERE created_at >= (SELECT time FROM since)
      UNION ALL SELECT place_id, 0, 1, 0 FROM place_bookmark WHERE created_at >= (SELECT time FROM since)
      UNION ALL SELECT place_id, 0, 0, 1 FROM review WHERE created_at >= (SELECT time FROM since)
    )
  SELECT place_id,
    least(1e6, round(20 * log(1 + sum(views)::float)) + 5 * sum(marks) + 10 * sum(reviews))::int AS score
  FROM happened GROUP BY place_id
`;
const TOP = `
  SELECT place_id AS "placeId", score FROM (${SCORES}) AS scored ORDER BY score DESC, place_id DESC LIMIT $2
`;
const CHANGED = `
  SELECT coalesce(scored.place_id, ranked.id) AS "placeId", coalesce(scored.score, 0) AS score
  FROM (${SCORES}) AS scored
    FULL JOIN (SELECT id, popularity FROM place WHERE popularity > 0) AS ranked ON ranked.id = scored.place_id
  WHERE coalesce(scored.score, 0) <> coalesce(ranked.popularity, 0)
  LIMIT $2
`;
// Skips rows locked by other transactions until the next run, so that a ranking never waits for a like or an edit.
const NOTE = `
  WITH free AS MATERIALIZED (
    SELECT place.id, changed.score FROM unnest($1::int[], $2::int[]) AS changed (id, score) JOIN place USING (id)
    ORDER BY place.id FOR NO KEY UPDATE OF place SKIP LOCKED
  )
  UPDATE place SET popularity = free.score FROM free WHERE place.id = free.id
`;

/** All queries on popularity; reads the tables of likes, bookmarks and reviews by name. */
@Injectable()
export class RankingsRepository {
  constructor(private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /** Places with the highest scores; ties are broken by newest first. */
  async findTop(hours: number, most: number): Promise<RankedPlace[]> {
    return this.txHost.tx.query<RankedPlace[]>(TOP, [hours, most]);
  }

  /** Scores that differ from the stored `popularity`, at most `most`; 0 for places without activity. */
  async findChanged(hours: number, most: number): Promise<RankedPlace[]> {
    return this.txHost.tx.query<RankedPlace[]>(CHANGED, [hours, most]);
  }

  /** Writes the scores to the places; changes neither their version nor the time of their last edit. */
  async updateScores(scores: readonly RankedPlace[]): Promise<void> {
    await this.txHost.tx.query(NOTE, [scores.map(({ placeId }) => placeId), scores.map(({ score }) => score)]);
  }
}
