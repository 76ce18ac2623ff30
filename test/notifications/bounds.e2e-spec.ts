import { DataSource } from 'typeorm';
import { Outbox } from '../../src/database/index.js';
import { PlacesService } from '../../src/places/index.js';
import { useApp } from '../support/app.js';
import { aPlace, aReview, aUser, newPlace, type PlaceBody, type TestUser } from '../support/factories.js';
import { until } from '../support/until.js';

/** Notifications one user can send to a list within an hour. */
const PER_HOUR = 10;
/** Edits within ten minutes by the clock are one notification. */
const PERIOD_MS = 600_000;

const t = useApp();
let owner: TestUser;
let reader: TestUser;

beforeEach(async () => {
  [owner, reader] = await Promise.all([aUser(t), aUser(t)]);
});

interface Notification {
  readonly kind: string;
  readonly data: { readonly placeId?: number; readonly reviewId?: number };
}

/** Notifications of a user, once all that were posted are stored. */
async function notificationsOf({ token }: TestUser): Promise<Notification[]> {
  await until(async () => (await t.app.get(Outbox, { strict: false }).depth('notifications')).count === 0);
  return (await t.api.get<{ items: Notification[] }>('/notifications', { token })).body.items;
}

async function edit({ id }: { id: number }, changes: object): Promise<PlaceBody> {
  const { status, body, text } = await t.api.patch<PlaceBody>(`/places/${id}`, changes, { token: owner.token });
  if (status !== 200) throw new Error(`editing answered ${status}: ${text}`);
  return body;
}

const bookmark = ({ id }: { id: number }, { token } = reader) => t.api.put(`/places/${id}/bookmark`, { token });
/** Timeout of tests with dozens of sequential requests. */
const LONG_MS = 90_000;
const times = <T>(count: number, make: (at: number) => Promise<T>) =>
  Array.from({ length: count }, (_, at) => at).reduce<Promise<T[]>>(
    async (made, at) => [...(await made), await make(at)], Promise.resolve([]),
  );

describe('notifications about edits of a bookmarked place', () => {
  it('are not sent for an edit without a change', async () => {
    const place = await aPlace(t, { owner });
    await bookmark(place);
    await times(100, (at) => edit(place, at % 2 === 0 ? {} : { name: place.name, phone: null }));
    expect(await notificationsOf(reader)).toEqual([]);
  }, LONG_MS);

  it('are merged within ten minutes', async () => {
    const place = await aPlace(t, { owner });
    await bookmark(place);
    const edited = await times(30, (at) => edit(place, { name: `${place.name} ${at}` }));
    const periods = new Set(edited.map(({ updatedAt }) => Math.floor(Date.parse(updatedAt) / PERIOD_MS)));
    expect(await notificationsOf(reader)).toHaveLength(periods.size);
  });

  it('are limited to ten per hour and sender, and keep the history of other senders', async () => {
    const [other, friend] = [await aUser(t), await aUser(t)];
    const own = await aPlace(t, { owner: reader });
    const review = await aReview(t, { author: friend, place: own });
    const places = await times(PER_HOUR + 5, async () => {
      const fields = newPlace() as Parameters<PlacesService['create']>[1];
      return t.app.get(PlacesService, { strict: false }).create(owner.id, fields);
    });
    for (const place of places) await Promise.all([bookmark(place), bookmark(place, other)]);
    for (const place of places) await edit(place, { description: '새 설명' });
    for (const user of [reader, other]) {
      expect((await notificationsOf(user)).filter(({ kind }) => kind === 'place-changed')).toHaveLength(PER_HOUR);
    }
    const reviews = (await notificationsOf(reader)).filter(({ kind }) => kind === 'place-reviewed');
    expect(reviews.map(({ data }) => data.reviewId)).toEqual([review.id]);
    // Another sender is not limited by it.
    await aReview(t, { place: own });
    expect((await notificationsOf(reader))[0]?.kind).toBe('place-reviewed');
  }, LONG_MS);

  it('are sent again after the hour', async () => {
    const sql = t.app.get(DataSource);
    const place = await aPlace(t, { owner });
    await bookmark(place);
    await sql.query(
      `INSERT INTO notification (source, audience, user_id, sender_id, kind, data, created_at)
       SELECT 'full:' || $1 || number, 'user', $1::uuid, $2, 'place-changed', '{}', now()
       FROM generate_series(1, 10) number`,
      [reader.id, owner.id],
    );
    await edit(place, { name: `${place.name} 1` });
    expect((await notificationsOf(reader)).filter(({ data }) => data.placeId === place.id)).toEqual([]);
    const age = "UPDATE notification SET created_at = now() - interval '61 minutes' WHERE sender_id = $1";
    await sql.query(age, [owner.id]);
    const second = await aPlace(t, { owner });
    await bookmark(second);
    await edit(second, { name: `${second.name} 1` });
    await until(async () => (await sql.query<unknown[]>(
      'SELECT FROM notification WHERE user_id = $1 AND source LIKE $2', [reader.id, `place-changed:${second.id}:%`],
    )).length === 1);
  });
});

describe('other notifications of one sender', () => {
  it('are limited to ten per hour and reader: review likes', async () => {
    const reviews = await times(PER_HOUR + 2, async () => aReview(t, { author: reader, place: await aPlace(t) }));
    for (const { id } of reviews) await t.api.put(`/reviews/${id}/like`, { token: owner.token });
    await t.api.put(`/reviews/${reviews[0]?.id ?? 0}/like`, { token: (await aUser(t)).token });
    const received = await notificationsOf(reader);
    expect(received.map(({ kind }) => kind)).toEqual(Array(PER_HOUR + 1).fill('review-liked'));
  }, LONG_MS);

  it('are limited to ten per hour for all admins: new places', async () => {
    const admin = await aUser(t, { role: 'admin' });
    const places = t.app.get(PlacesService, { strict: false });
    const fields = () => newPlace() as Parameters<PlacesService['create']>[1];
    const ids = await times(PER_HOUR + 3, async () => (await places.create(owner.id, fields())).id);
    const received = (await notificationsOf(admin)).filter(({ data }) => ids.includes(data.placeId ?? 0));
    expect(received.map(({ data }) => data.placeId)).toEqual(ids.slice(0, PER_HOUR).reverse());
  });

  it('are not limited when the service itself sends them', async () => {
    const admin = await aUser(t, { role: 'admin' });
    await times(PER_HOUR + 2, (at) =>
      t.api.post('/admin/announcements', { title: `${at}`, body: 'text' }, { token: admin.token }));
    expect((await notificationsOf(reader)).filter(({ kind }) => kind === 'announcement')).toHaveLength(PER_HOUR + 2);
  });
});
