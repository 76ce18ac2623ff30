import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { holdAdvisoryLock } from '../database/index.js';
import { recipientsOf, audienceOf, type NewNotification, type Notification, type Reader, type Recipient } from './notification.js';

const RETENTION_DAYS = 90;
/** Maximum number of expired notifications deleted per insert. */
const MAX_DELETED = 1_000;

const COLUMNS = 'id, audience, user_id AS "userId", kind, data, created_at AS "createdAt"';
/** Rate limit: notifications per sender, list and hour; further ones are dropped. */
const PER_SENDER_AND_HOUR = 10;
// Skips deleted accounts; if an account is deleted while the statement runs, the statement fails and is retried.
const INSERT = `
  WITH given AS (
    SELECT *, row_number() OVER (PARTITION BY sender_id, audience, user_id ORDER BY position) AS nth
    FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::json[]) WITH ORDINALITY
      AS row (source, audience, user_id, sender_id, kind, data, position)
    WHERE NOT EXISTS (SELECT FROM notification WHERE source = row.source)
  )
  INSERT INTO notification (source, audience, user_id, sender_id, kind, data)
  SELECT source, audience, user_id, (SELECT id FROM app_user WHERE id = sender_id), kind, data
  FROM given
  WHERE (user_id IS NULL OR EXISTS (SELECT FROM app_user WHERE id = user_id))
    AND (sender_id IS NULL OR ${PER_SENDER_AND_HOUR} >= nth + (
      SELECT count(*) FROM notification sent
      WHERE sent.sender_id = given.sender_id AND sent.created_at > now() - interval '1 hour'
        AND sent.user_id IS NOT DISTINCT FROM given.user_id AND sent.audience = given.audience
    ))
  ORDER BY position ON CONFLICT (source) DO NOTHING
`;
// Reads only the oldest rows: those to be deleted are at the start of the primary key.
const DELETE_OLD = `
  DELETE FROM notification USING (SELECT id, created_at FROM notification ORDER BY id LIMIT ${MAX_DELETED}) oldest
  WHERE notification.id = oldest.id AND oldest.created_at < now() - interval '${RETENTION_DAYS} days'
`;
const BY_SOURCE = `SELECT ${COLUMNS} FROM notification WHERE source = ANY($1) ORDER BY id`;
const NEWEST_ID = 'SELECT coalesce(max(id), 0) AS id FROM notification';
const LAST_ISSUED_ID = 'SELECT last_value AS id FROM notification_id_seq';
const FOR_CONNECTED = `
  SELECT ${COLUMNS} FROM notification
  WHERE id > $1 AND id <= $2 AND (user_id IS NULL OR user_id = ANY($3::uuid[])) ORDER BY id LIMIT $4
`;
// Writes nothing for an account that is being deleted.
const MARK_READ = `
  WITH reader AS MATERIALIZED (SELECT id FROM app_user WHERE id = $1 FOR KEY SHARE)
  INSERT INTO notification_read_mark AS mark (user_id, up_to)
  SELECT id, least($2::bigint, (SELECT coalesce(max(id), 0) FROM notification)) FROM reader
  ON CONFLICT (user_id) DO UPDATE SET up_to = greatest(mark.up_to, excluded.up_to)
`;
const READ_MARK = 'SELECT up_to AS id FROM notification_read_mark WHERE user_id = $1';

/** The driver returns bigint as text; ids stay far below the largest exact number. */
type Row = Omit<Notification, 'id'> & { readonly id: string };

/** Range of notifications to read. */
export interface Span {
  /** Lower bound of the ids, exclusive. */
  readonly after: number;
  /** Upper bound of the ids, inclusive. */
  readonly upTo: number;
  /** Maximum number of rows, oldest first. */
  readonly limit: number;
}

/** All queries on notifications. */
@Injectable()
export class NotificationsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Stores the notifications that are not stored yet, and deletes those older than 90 days. Holds an advisory lock
   * until the commit, so that ids become visible in ascending order: a reader that sees an id can see all smaller ones.
   * @returns the notifications as stored, in order of their ids; without those to deleted accounts and those above the
   * limit of ten per hour, sender and list
   */
  async insert(notifications: readonly NewNotification[]): Promise<Notification[]> {
    const columns = [
      notifications.map(({ source }) => source),
      notifications.map(({ audience }) => audience),
      notifications.map(({ userId }) => userId),
      notifications.map(({ senderId }) => senderId ?? null),
      notifications.map(({ kind }) => kind),
      notifications.map(({ data }) => JSON.stringify(data)),
    ];
    return this.dataSource.transaction(async (manager) => {
      await holdAdvisoryLock(manager, 'notificationIds');
      await manager.query(INSERT, columns);
      await manager.query(DELETE_OLD);
      return (await manager.query<Row[]>(BY_SOURCE, [columns[0]])).map(toNotification);
    });
  }

  /** Greatest id ever assigned; decreases only if the database is restored to an earlier state. */
  async findLastIssuedId(): Promise<number> {
    return idOf(await this.dataSource.query<{ id: string }[]>(LAST_ISSUED_ID));
  }

  /** Greatest stored id, 0 if there is none; decreases if the newest notification is deleted with its user. */
  async findNewestId(): Promise<number> {
    return idOf(await this.dataSource.query<{ id: string }[]>(NEWEST_ID));
  }

  /** Newest notifications of a recipient, newest first. */
  async findNewest(recipient: Recipient, limit: number): Promise<Notification[]> {
    const sql = `SELECT ${COLUMNS} FROM notification WHERE ${conditionFor(recipient, '$1')} ORDER BY id DESC LIMIT $2`;
    return (await this.dataSource.query<Row[]>(sql, [recipient, limit])).map(toNotification);
  }

  /** Newest notifications of all lists of a reader, newest first. */
  async findLast(reader: Reader, limit: number): Promise<Notification[]> {
    const lists = await Promise.all(recipientsOf(reader).map((recipient) => this.findNewest(recipient, limit)));
    return lists.flat().sort((one, other) => other.id - one.id).slice(0, limit);
  }

  /** Notifications of all lists of a reader, oldest first. */
  async findMissed(reader: Reader, { after, upTo, limit }: Span): Promise<Notification[]> {
    // One index scan per list, so that the notifications of other users cost nothing.
    const lists = recipientsOf(reader).map(
      (recipient, at) => `(SELECT ${COLUMNS} FROM notification
        WHERE ${conditionFor(recipient, `$${at + 4}`)} AND id > $1 AND id <= $2 ORDER BY id LIMIT $3)`,
    );
    const sql = `${lists.join(' UNION ALL ')} ORDER BY id LIMIT $3`;
    const rows = await this.dataSource.query<Row[]>(sql, [after, upTo, limit, ...recipientsOf(reader)]);
    return rows.map(toNotification);
  }

  /** Notifications to any of the users, to admins or to all, oldest first. */
  async findForConnected(userIds: readonly string[], { after, upTo, limit }: Span): Promise<Notification[]> {
    return (await this.dataSource.query<Row[]>(FOR_CONNECTED, [after, upTo, userIds, limit])).map(toNotification);
  }

  /** Advances the read position; never moves it back, nor beyond the newest stored notification. */
  async markRead(userId: string, upTo: number): Promise<void> {
    await this.dataSource.query(MARK_READ, [userId, upTo]);
  }

  /** Read position of a user: id of the newest read notification; 0 if there is none. */
  async findReadMark(userId: string): Promise<number> {
    return idOf(await this.dataSource.query<{ id: string }[]>(READ_MARK, [userId]));
  }
}

function conditionFor(recipient: Recipient, parameter: string): string {
  const isOne = audienceOf(recipient).userId !== null;
  return isOne ? `user_id = ${parameter}::uuid` : `user_id IS NULL AND audience = ${parameter}`;
}

function toNotification(row: Row): Notification {
  return { ...row, id: Number(row.id) };
}

function idOf(rows: readonly { id: string }[]): number {
  return Number(rows[0]?.id ?? 0);
}
