import { TransactionHost } from '@nestjs-cls/transactional';
import { Outbox } from '../../src/database/index.js';
import { ReviewsService } from '../../src/reviews/reviews.service.js';
import { aPlace, aReview, aUser, type TestUser } from '../support/factories.js';
import { until } from '../support/until.js';
import { listen, type Listener } from './support/listeners.js';
import { useTwoInstances } from '../support/two-instances.js';

describe('notifications', () => {
  const t = useTwoInstances();
  let [ada, ben, root]: TestUser[] = [];
  let listeners: Record<'ada' | 'ben' | 'root', [Listener, Listener]>;

  beforeEach(async () => {
    [ada, ben, root] = await Promise.all([aUser(t.here), aUser(t.here), aUser(t.here, { role: 'admin' })]);
    const both = ({ token }: TestUser) => Promise.all([listen(t.here.api, { token }), listen(t.there.api, { token })]);
    const [ofAda, ofBen, ofRoot] = await Promise.all([ada, ben, root].map((each) => both(each)));
    listeners = { ada: ofAda, ben: ofBen, root: ofRoot } as typeof listeners;
  });
  afterEach(() => {
    for (const listener of Object.values(listeners).flat()) listener.close();
  });

  const api = () => t.here.api;
  const token = (user: TestUser | undefined) => ({ token: user?.token });
  const kinds = (name: keyof typeof listeners) =>
    listeners[name].map(({ received }) => received.map(({ event }) => event));

  /** Waits until all listeners have received a last announcement: notifications that are absent by then do not come. */
  async function untilDelivered(): Promise<void> {
    const outbox = t.here.app.get(Outbox, { strict: false });
    await until(async () => (await outbox.depth('notifications')).count === 0);
    const last = { title: 'the end', body: 'of this test' };
    const { status } = await api().post('/admin/announcements', last, token(root));
    expect(status).toBe(201);
    const isLast = ({ received }: Listener) => received.at(-1)?.data['title'] === 'the end';
    await until(() => Object.values(listeners).flat().every(isLast));
    for (const { received } of Object.values(listeners).flat()) received.pop();
  }

  it('inform the owner of a review and admins of a new place, on every instance', async () => {
    const place = await aPlace(t.here, { owner: ada as TestUser });
    const review = await aReview(t.there, { author: ben as TestUser, place });
    await untilDelivered();
    expect([kinds('ada'), kinds('ben'), kinds('root')]).toEqual([
      [['place-reviewed'], ['place-reviewed']],
      [[], []],
      [['place-created'], ['place-created']],
    ]);
    const data = { placeId: place.id, name: place.name, reviewId: review.id };
    expect(listeners.ada[0].received[0]).toEqual({ id: expect.any(Number), event: 'place-reviewed', data });
    expect(listeners.ada[0].received).toEqual(listeners.ada[1].received);
  });

  it('inform the author once of a like, however often it is repeated', async () => {
    const place = await aPlace(t.here);
    const review = await aReview(t.here, { author: ada as TestUser, place });
    for (const call of ['put', 'put', 'delete', 'put'] as const) {
      expect((await api()[call](`/reviews/${review.id}/like`, token(ben))).status).toBe(204);
    }
    await untilDelivered();
    expect([kinds('ada'), kinds('ben')]).toEqual([[['review-liked'], ['review-liked']], [[], []]]);
    expect(listeners.ada[1].received[0]?.data).toEqual({ reviewId: review.id, placeId: place.id });
  });

  it('are not sent to the user who acted', async () => {
    const place = await aPlace(t.here, { owner: ada as TestUser });
    const review = await aReview(t.here, { author: ada as TestUser, place });
    await api().put(`/reviews/${review.id}/like`, token(ada));
    await api().put(`/places/${place.id}/bookmark`, token(ada));
    await api().patch(`/places/${place.id}`, { description: 'open on Sundays' }, token(ada));
    await untilDelivered();
    expect(kinds('ada')).toEqual([[], []]);
  });

  it('inform users of an edit of a bookmarked place', async () => {
    const place = await aPlace(t.here, { owner: ada as TestUser });
    await api().put(`/places/${place.id}/bookmark`, token(ben));
    const name = '초록상점 합정';
    expect((await api().patch(`/places/${place.id}`, { name }, token(ada))).status).toBe(200);
    await untilDelivered();
    expect([kinds('ada'), kinds('ben')]).toEqual([[[], []], Array(2).fill(['place-changed'])]);
    expect(listeners.ben[0].received.at(-1)?.data).toEqual({ placeId: place.id, name });
  });

  it('are not sent for a change that is rolled back', async () => {
    const review = await aReview(t.here, { author: ada as TestUser });
    const host = t.here.app.get<TransactionHost>(TransactionHost, { strict: false });
    const undone = host.withTransaction(async () => {
      await t.here.app.get(ReviewsService, { strict: false }).like(review.id, (ben as TestUser).id);
      throw new Error('refused');
    });
    await expect(undone).rejects.toThrow('refused');
    await untilDelivered();
    expect(kinds('ada')).toEqual([[], []]);
  });

  it('contain announcements of admins only', async () => {
    const announcement = { title: 'x', body: 'y' };
    expect((await api().post('/admin/announcements', announcement, token(ada))).status).toBe(403);
    expect((await api().post('/admin/announcements', announcement)).status).toBe(401);
    expect((await api().post('/admin/announcements', { ...announcement, title: ' ' }, token(root))).status).toBe(400);
    await untilDelivered();
    expect(kinds('ben')).toEqual([[], []]);
  });
});
