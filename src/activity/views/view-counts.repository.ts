import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { FencingTokens } from '../../database/index.js';
import { PlacesService } from '../../places/index.js';
import type { ViewBatch } from './view-store.js';

const INSERT_BATCH_ID = 'INSERT INTO view_batch (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id';
const ADD_VIEWS = `
  INSERT INTO place_view (hour, place_id, views)
  SELECT to_timestamp(hour * 3600.0), place_id, views
  FROM unnest($1::int[], $2::int[], $3::int[]) AS counted (place_id, hour, views)
  ORDER BY place_id, hour
  ON CONFLICT (hour, place_id) DO UPDATE SET views = place_view.views + EXCLUDED.views
`;
const DELETE_BATCH_IDS = `DELETE FROM view_batch WHERE written_at < now() - $1 * interval '1 day'`;
const ROLL_UP = `
  WITH past AS MATERIALIZED (
      SELECT hour, place_id FROM place_view WHERE hour > 'epoch' AND hour < now() - $1 * interval '1 day'
      ORDER BY hour, place_id LIMIT $2
    ),
    taken AS (DELETE FROM place_view USING past
      WHERE (place_view.hour, place_view.place_id) = (past.hour, past.place_id)
      RETURNING place_view.place_id, views)
  INSERT INTO place_view (hour, place_id, views)
  SELECT 'epoch', place_id, sum(views) FROM taken GROUP BY place_id ORDER BY place_id
  ON CONFLICT (hour, place_id) DO UPDATE SET views = place_view.views + EXCLUDED.views
`;

const COUNT_SINCE = `
  SELECT place_id AS "placeId", sum(views)::float AS count FROM place_view WHERE hour >= $1 GROUP BY place_id
`;

/** All queries on the view counts in PostgreSQL. */
@Injectable()
export class ViewCountsRepository {
  constructor(
    private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>,
    private readonly fences: FencingTokens,
    private readonly places: PlacesService,
  ) {}

  /**
   * Adds a batch to the hourly counts of its places; deleted places are left out.
   * @returns false if the batch had been written already, by a run that ended before deleting it from Redis
   * @throws StaleFenceError if a later holder of the lock has written
   */
  async write({ id, counts }: ViewBatch, { lock, fence }: { lock: string; fence: number }): Promise<boolean> {
    return this.txHost.withTransaction(async () => {
      await this.fences.assertCurrent(lock, fence);
      const inserted = await this.txHost.tx.query<unknown[]>(INSERT_BATCH_ID, [id]);
      if (inserted.length === 0) return false;
      const existing = await this.places.lockExisting(counts.map(({ placeId }) => placeId));
      const writable = counts.filter(({ placeId }) => existing.has(placeId));
      const columns = (['placeId', 'hour', 'views'] as const).map((name) => writable.map((count) => count[name]));
      await this.txHost.tx.query(ADD_VIEWS, columns);
      return true;
    });
  }

  /** Number of views by place id, in the hours that began at that time or later. */
  async countSince(time: Date): Promise<Map<number, number>> {
    const rows = await this.txHost.tx.query<{ placeId: number; count: number }[]>(COUNT_SINCE, [time]);
    return new Map(rows.map(({ placeId, count }) => [placeId, count]));
  }

  /** Deletes the ids of batches written more than `afterDays` ago; a batch that reappears later is counted twice. */
  async deleteBatchIds(afterDays: number): Promise<void> {
    await this.txHost.tx.query(DELETE_BATCH_IDS, [afterDays]);
  }

  /** Rolls up counts older than `afterDays` days, at most `limit` rows, into one row per place, with hour 0 of 1970. */
  async rollUp(afterDays: number, limit: number): Promise<void> {
    await this.txHost.tx.query(ROLL_UP, [afterDays, limit]);
  }
}
