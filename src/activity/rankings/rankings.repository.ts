import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';

/** A place that something has happened to. */
export interface RankedPlace {
  readonly placeId: number;
  /** Up to a million. */
  readonly score: number;
}

/**
 * The score of every place that something has happened to in this hour and the $1 - 1 before it. Views count by their
 * logarithm, so that who asks for a page a thousand times does not make it popular; views and likes are weighted as in
 * Discourse's top topics (ADR-0056). Marks and reviews that were taken back are not there to be counted.
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
// A place that somebody is just writing is left for the next time: who likes it does not wait for a ranking.
const NOTE = `
  WITH free AS MATERIALIZED (
    SELECT place.id, changed.score FROM unnest($1::int[], $2::int[]) AS changed (id, score) JOIN place USING (id)
    ORDER BY place.id FOR NO KEY UPDATE OF place SKIP LOCKED
  )
  UPDATE place SET popularity = free.score FROM free WHERE place.id = free.id
`;

/** Every query on what makes places popular; it reads marks and reviews by the names of their tables. */
@Injectable()
export class RankingsRepository {
  constructor(private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /** The places with the highest scores, of equal ones the newest first. */
  async findTop(hours: number, most: number): Promise<RankedPlace[]> {
    return this.txHost.tx.query<RankedPlace[]>(TOP, [hours, most]);
  }

  /** The scores that differ from what the places have been told, at most so many; 0 where nothing happens any more. */
  async findChanged(hours: number, most: number): Promise<RankedPlace[]> {
    return this.txHost.tx.query<RankedPlace[]>(CHANGED, [hours, most]);
  }

  /** Tells the places their scores; neither their version nor the time of their last edit changes. */
  async updateScores(scores: readonly RankedPlace[]): Promise<void> {
    await this.txHost.tx.query(NOTE, [scores.map(({ placeId }) => placeId), scores.map(({ score }) => score)]);
  }
}
