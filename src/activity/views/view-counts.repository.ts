import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { FencingTokens } from '../../database/index.js';
import type { ViewBatch } from './view-store.js';

const REMEMBER = 'INSERT INTO view_batch (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id';
// Places that are being deleted are waited for, and then left out: a view of theirs counts for nothing.
const ADD = `
  WITH seen AS MATERIALIZED (SELECT id FROM place WHERE id = ANY($1::int[]) ORDER BY id FOR KEY SHARE)
  INSERT INTO place_view (hour, place_id, views)
  SELECT to_timestamp(hour * 3600.0), place_id, views
  FROM unnest($1::int[], $2::int[], $3::int[]) AS counted (place_id, hour, views) JOIN seen ON seen.id = place_id
  ORDER BY place_id, hour
  ON CONFLICT (hour, place_id) DO UPDATE SET views = place_view.views + EXCLUDED.views
`;
const FORGET_BATCHES = `DELETE FROM view_batch WHERE written_at < now() - $1 * interval '1 day'`;
const FOLD = `
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

/** Every query on views that have been written. */
@Injectable()
export class ViewCountsRepository {
  constructor(
    private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>,
    private readonly fences: FencingTokens,
  ) {}

  /**
   * Adds a batch to what each place has in each hour; places that are gone are left out.
   * @returns false when it was written before, by somebody who did not come to deleting it
   * @throws StaleFenceError when a later holder of the lock has written
   */
  async write({ id, counts }: ViewBatch, { lock, fence }: { lock: string; fence: number }): Promise<boolean> {
    return this.txHost.withTransaction(async () => {
      await this.fences.assertCurrent(lock, fence);
      const remembered = await this.txHost.tx.query<unknown[]>(REMEMBER, [id]);
      if (remembered.length === 0) return false;
      const columns = (['placeId', 'hour', 'views'] as const).map((name) => counts.map((count) => count[name]));
      await this.txHost.tx.query(ADD, columns);
      return true;
    });
  }

  /** Forgets batches after so many days; what comes back later than that would be counted twice. */
  async forgetBatches(afterDays: number): Promise<void> {
    await this.txHost.tx.query(FORGET_BATCHES, [afterDays]);
  }

  /** Adds up hours that are so many days past, at most so many rows, into one row a place: hour 0 of 1970. */
  async rollUp(afterDays: number, most: number): Promise<void> {
    await this.txHost.tx.query(FOLD, [afterDays, most]);
  }
}
