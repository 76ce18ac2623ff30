import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openService, type Service } from '../crash/service.js';
import { provideDatabase, provideRedis } from '../support/services.js';
import { SEED, seededRandom } from '../support/seeded-random.js';
import { until } from '../support/until.js';
import type { LikeOrder } from './support/liker.js';

const KILLS = 4;
const LIKERS_PER_ROUND = 300;

describe('a process killed between commit and delivery', () => {
  let survivor: Service;
  let surroundings: LikeOrder['surroundings'];
  let drop: () => Promise<unknown>;

  beforeAll(async () => {
    const [database, redis] = await Promise.all([provideDatabase(), provideRedis()]);
    surroundings = { databaseUrl: database.url, redisUrl: redis.url, withOutbox: true };
    survivor = await openService(surroundings);
    drop = () => Promise.all([database.drop(), redis.drop()]);
  });
  afterAll(async () => {
    await survivor.close();
    await drop();
  });

  it(`notifies every author of every like exactly once (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    let leftUndelivered = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const order = { surroundings, ...(await aLikedReview(kill)) };
      const acknowledged = await likeUntilKilled(spawnLiker(), order, 20 + random() * 200);
      leftUndelivered += (await survivor.query(`SELECT FROM outbox WHERE topic = 'notifications'`)).length;
      await until(async () => (await notifiedLikers(order.reviewId)).length >= acknowledged.length);
      await until(async () => (await survivor.query('SELECT FROM outbox')).length === 0);
      const liked = await survivor.query<{ id: string }>('SELECT user_id AS id FROM review_like WHERE review_id = $1', [
        order.reviewId,
      ]);
      expect(liked.length).toBeGreaterThanOrEqual(acknowledged.length);
      expect((await notifiedLikers(order.reviewId)).sort()).toEqual(liked.map(({ id }) => id).sort());
    }
    process.stdout.write(`${KILLS} kills, ${leftUndelivered} notifications left to the other process\n`);
  }, 90_000);

  async function notifiedLikers(reviewId: number): Promise<string[]> {
    const rows = await survivor.query<{ source: string }>('SELECT source FROM notification WHERE source LIKE $1', [
      `review-liked:${reviewId}:%`,
    ]);
    return rows.map(({ source }) => source.split(':')[2] ?? '');
  }

  async function aLikedReview(round: number) {
    const rows = await survivor.query<{ id: string }>(
      `INSERT INTO app_user (id, email, nickname)
       SELECT gen_random_uuid(), 'u' || $1 || '-' || n || '@example.com', 'u' || $1 || 'n' || n
       FROM generate_series(0, ${LIKERS_PER_ROUND}) n RETURNING id`,
      [round],
    );
    const [author = '', ...likerIds] = rows.map(({ id }) => id);
    const place = await survivor.places.create(author, {
      ...{ name: `초록상점 ${round}`, category: 'REFILL', address: `동교로 ${round}`, district: '마포구' },
      ...{ lat: 37.5, lng: 126.9, description: '리필' },
    });
    const { id: reviewId } = await survivor.reviews.create(place.id, author, { rating: 5, content: '좋아요' });
    return { reviewId, likerIds };
  }
});

function spawnLiker(): ChildProcess {
  const [loader, file] = ['../race/typescript.mjs', 'support/liker.ts'].map((name) => join(import.meta.dirname, name));
  return fork(file as string, { execArgv: ['--import', loader as string] });
}

/** @returns ids of the users whose like was acknowledged before the kill */
async function likeUntilKilled(liker: ChildProcess, order: LikeOrder, workMs: number): Promise<string[]> {
  const acknowledged: string[] = [];
  liker.on('message', (likerId: string) => acknowledged.push(likerId));
  const ended = once(liker, 'exit');
  liker.send(order);
  await until(() => acknowledged.length >= 10 || liker.exitCode !== null, 30_000);
  await new Promise((resolve) => setTimeout(resolve, workMs));
  liker.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error('the process ended before it was killed; run it by hand to see why');
  return acknowledged;
}
