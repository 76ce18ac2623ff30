import type { DataSource } from 'typeorm';
import { createDataSource } from '../src/database/index.js';
import { CATEGORY_CODES, DISTRICTS, type DistrictName } from '../src/places/index.js';
import { DEMO_PASSWORD, loadSampleData, loadSampleDataInProduction, warnOfPublishedPasswords } from '../src/sample-data/index.js';
import { createApp } from './support/app.js';
import { provideDatabase, type ProvidedDatabase } from './support/services.js';

const DEMO_EMAILS = ['admin@ecogreen.example', 'premium@ecogreen.example', 'user@ecogreen.example'];

interface PlaceRow {
  name: string;
  category: string;
  district: DistrictName;
  lat: number;
  lng: number;
}

describe('sample data', () => {
  let database: ProvidedDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await provideDatabase();
    dataSource = await createDataSource(database.url).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('fills an empty database once, however many instances start', async () => {
    const counts = await Promise.all([loadSampleData(dataSource), loadSampleData(dataSource)]);
    expect(counts.filter((each) => each !== null)).toEqual([{ users: 60, places: 300, reviews: 1_500 }]);
    expect(await loadSampleData(dataSource)).toBeNull();
  });

  it('has places of every category in every district, inside its bounds', async () => {
    const places = await dataSource.query<PlaceRow[]>('SELECT * FROM place');
    expect(new Set(places.map(({ category }) => category))).toEqual(new Set(CATEGORY_CODES));
    expect(new Set(places.map(({ district }) => district))).toEqual(new Set(Object.keys(DISTRICTS)));
    const strays = places.filter(({ district, lat, lng }) => {
      const { lat: [south, north], lng: [west, east] } = DISTRICTS[district];
      return lat < south || lat > north || lng < west || lng > east;
    });
    expect(strays).toEqual([]);
    expect(new Set(places.map(({ name }) => name)).size).toBe(300);
  });

  it('is the same on every run', async () => {
    const other = await provideDatabase();
    const second = await createDataSource(other.url).initialize();
    await loadSampleData(second);
    const digest = `SELECT md5(string_agg(place::text, '' ORDER BY id)) FROM
      (SELECT id, name, lat, owner_id, like_count, rating, created_at FROM place) AS place`;
    expect(await second.query(digest)).toEqual(await dataSource.query(digest));
    await second.destroy();
    await other.drop();
  });

  it('has popular places immediately', async () => {
    const t = await createApp({ env: { DATABASE_URL: database.url } });
    for (const window of ['day', 'week']) {
      const { body } = await t.api.get<{ items: unknown[] }>(`/places/popular?window=${window}&limit=100`);
      expect(body.items).toHaveLength(100);
    }
    await t.close();
  });

  describe('in production', () => {
    it('sets a random password per demo account, logs it once, and warns', async () => {
      const other = await provideDatabase();
      const empty = await createDataSource(other.url).initialize();
      const lines: string[] = [];
      expect(await loadSampleDataInProduction(empty, (line) => lines.push(line))).toMatchObject({ users: 60 });
      expect(lines[0]).toMatch(/^warning: SAMPLE_DATA=on in production/);
      const pattern = /^demo account (\S+), password ([\w-]{24}) /;
      const accounts = lines.slice(1).map((line) => pattern.exec(line)?.slice(1) ?? []);
      expect(accounts.map(([email]) => email)).toEqual(DEMO_EMAILS);
      expect(new Set(accounts.map(([, password]) => password)).size).toBe(3);
      await warnOfPublishedPasswords(empty, (line) => lines.push(line));
      expect(await loadSampleDataInProduction(empty, (line) => lines.push(line))).toBeNull();
      expect(lines).toHaveLength(4);
      const t = await createApp({ env: { DATABASE_URL: other.url } });
      for (const [email, password] of accounts) {
        expect((await t.api.post('/auth/login', { email, password })).status).toBe(200);
        expect((await t.api.post('/auth/login', { email, password: DEMO_PASSWORD })).status).toBe(401);
      }
      await t.close();
      await empty.destroy();
      await other.drop();
    });

    it('warns about demo accounts with the published password', async () => {
      const lines: string[] = [];
      await warnOfPublishedPasswords(dataSource, (line) => lines.push(line));
      const warning = /^warning: (\S+) has the published demo password/;
      expect(lines.map((line) => warning.exec(line)?.[1])).toEqual(DEMO_EMAILS);
    });
  });

  it('admits only the demo accounts, with their permissions', async () => {
    const t = await createApp({ env: { DATABASE_URL: database.url } });
    const rights = { admin: ['admin', 'admin'], premium: ['user', 'premium'], user: ['user', 'user'] };
    for (const [name, [role, tier]] of Object.entries(rights)) {
      const account = { email: `${name}@ecogreen.example`, password: DEMO_PASSWORD };
      const { body } = await t.api.post<{ accessToken: string }>('/auth/login', account);
      expect((await t.api.get('/users/me', { token: body.accessToken })).body).toMatchObject({ role, tier });
    }
    const other = await t.api.post('/auth/login', { email: 'neighbour01@ecogreen.example', password: DEMO_PASSWORD });
    expect(other.status).toBe(401);
    await t.close();
  });
});
