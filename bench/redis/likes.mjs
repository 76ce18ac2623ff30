import pg from 'pg';
import { PlaceMarksService } from '../../dist/places/marks/place-marks.service.js';
import { versionOf } from '../report.mjs';

/** A like is a row, a counter maintained by a trigger, and an eviction of one place, which is committed with them. */
export const LIKES = {
  title: 'Likes added and removed, 16 callers, each a user',
  unit: 'likes',
  callers: 16,
  packages: [versionOf('pg')],
  async open({ app, env }) {
    const marks = app.get(PlaceMarksService, { strict: false });
    const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: 10 });
    const users = (await pool.query('SELECT id FROM app_user ORDER BY id')).rows.map(({ id }) => id);
    const places = (await pool.query('SELECT id FROM place ORDER BY id')).rows.map(({ id }) => Number(id));
    const [ours, theirs] = [turns(users, places), turns(users, places)];
    const sql = {
      like: 'INSERT INTO place_like (place_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      unlike: 'DELETE FROM place_like WHERE place_id = $1 AND user_id = $2',
    };
    const each = [
      {
        title: 'ours: transaction, evict, its outbox row',
        step: (caller) => ours(caller, (what, of) => marks[what](...of)),
      },
      { title: 'the same row by pg alone', step: (caller) => theirs(caller, (what, of) => pool.query(sql[what], of)) },
    ];
    return { each, close: () => pool.end() };
  },
};

/** Each user likes one place after the other, and takes each like back before the next. */
function turns(users, places) {
  const counts = new Map();
  return (caller, act) => {
    const count = counts.get(caller) ?? 0;
    counts.set(caller, count + 1);
    const place = places[(caller * 17 + Math.floor(count / 2)) % places.length];
    return act(count % 2 === 0 ? 'like' : 'unlike', [place, users[caller]]);
  };
}
