import type { DataSource, EntityManager } from 'typeorm';
import type { OutboxRow } from './outbox-handlers.js';

/** A row as stored. */
interface StoredRow extends OutboxRow {
  readonly id: string;
}

/** The pending rows of one topic. */
export interface OutboxDepth {
  readonly count: number;
  /** Age of the oldest row in milliseconds; 0 if there is none. */
  readonly oldestMs: number;
}

/** Maximum count: enough to show that something is wrong; counting a million rows on every read would make it worse. */
const MAX_COUNTED = 10_000;

// clock_timestamp(), since now() returns the start of the transaction.
const DUE = `created_at <= clock_timestamp() - $2 * interval '1 ms'`;

const INSERT = `
  INSERT INTO outbox (topic, payload)
  SELECT topic, payload::json FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS row (topic, payload, position)
  ORDER BY position RETURNING id
`;
const DUE_TOPICS = `
  SELECT topic FROM unnest($1::text[]) AS topic
  WHERE EXISTS (SELECT FROM outbox WHERE outbox.topic = topic.topic AND ${DUE})
`;
// MATERIALIZED: a plan that runs the inner query again would lock and take more rows than requested.
const TAKE = `
  WITH due AS MATERIALIZED (
    SELECT id FROM outbox WHERE topic = $1 AND ${DUE} ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
  )
  DELETE FROM outbox USING due WHERE outbox.id = due.id RETURNING outbox.id, payload
`;
// SKIP LOCKED: rows that a relay is processing are deleted by that relay, so this statement does not wait for it.
const DELETE = `
  WITH deletable AS MATERIALIZED (SELECT id FROM outbox WHERE id = ANY($1::bigint[]) FOR UPDATE SKIP LOCKED)
  DELETE FROM outbox USING deletable WHERE outbox.id = deletable.id
`;
const NEWEST = 'SELECT coalesce(max(id), 0) AS id FROM outbox WHERE topic = $1';
const ANY_UP_TO = 'SELECT EXISTS (SELECT FROM outbox WHERE topic = $1 AND id <= $2) AS found';
const DEPTH = `
  SELECT count(*)::int AS count,
    coalesce(extract(epoch FROM clock_timestamp() - min(created_at)) * 1000, 0)::float AS "oldestMs"
  FROM (SELECT created_at FROM outbox WHERE topic = $1 ORDER BY id LIMIT ${MAX_COUNTED}) AS waiting
`;

/** All queries on the outbox. */
export class OutboxRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns the ids of the rows, in the same order */
  async insert(rows: readonly { topic: string; payload: unknown }[], manager?: EntityManager): Promise<string[]> {
    const columns = [rows.map(({ topic }) => topic), rows.map(({ payload }) => JSON.stringify(payload ?? null))];
    const inserted = await (manager ?? this.dataSource).query<{ id: string }[]>(INSERT, columns);
    return inserted.map(({ id }) => id);
  }

  /** Returns those of `topics` that have a row of at least that age. */
  async findDueTopics(topics: readonly string[], ageMs: number): Promise<string[]> {
    const due = await this.dataSource.query<{ topic: string }[]>(DUE_TOPICS, [topics, ageMs]);
    return due.map(({ topic }) => topic);
  }

  /**
   * Takes the oldest rows of at least that age, except those that another process is taking, and deletes them if
   * `process` fulfills.
   * @returns the number of rows taken
   */
  async take(
    { topic, ageMs, limit }: { readonly topic: string; readonly ageMs: number; readonly limit: number },
    process: (rows: readonly OutboxRow[]) => Promise<void>,
  ): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const [rows] = await manager.query<[StoredRow[], number]>(TAKE, [topic, ageMs, limit]);
      rows.sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1));
      if (rows.length > 0) await process(rows);
      return rows.length;
    });
  }

  async delete(ids: readonly string[]): Promise<void> {
    await this.dataSource.query(DELETE, [ids]);
  }

  /** Returns the id of the newest row of a topic; `'0'` if there is none. */
  async findNewestId(topic: string): Promise<string> {
    const rows = await this.dataSource.query<{ id: string }[]>(NEWEST, [topic]);
    return rows[0]?.id ?? '0';
  }

  async hasAnyUpTo(topic: string, id: string): Promise<boolean> {
    const rows = await this.dataSource.query<{ found: boolean }[]>(ANY_UP_TO, [topic, id]);
    return rows[0]?.found !== false;
  }

  async measure(topic: string): Promise<OutboxDepth> {
    const rows = await this.dataSource.query<OutboxDepth[]>(DEPTH, [topic]);
    return rows[0] ?? { count: 0, oldestMs: 0 };
  }
}
