import { startBuiltServer, type BuiltServer } from './support/built-server.js';
import { until } from './support/until.js';

const PASSWORD = 'acorns under the ginkgo';
const ACCOUNT = { email: 'logged@ecogreen.example', password: PASSWORD };

describe('the log', () => {
  let server: BuiltServer;

  beforeAll(async () => {
    server = await startBuiltServer({ logLevel: 'trace' });
  });
  afterAll(() => server.stop());

  it('has a line for each request, with its id and without its query', async () => {
    const headers = { 'x-request-id': 'seen-in-the-log' };
    await server.api.get('/places?q=secretword', { headers });
    await until(() => server.log().includes('seen-in-the-log'));
    const line = server.log().split('\n').find((each) => each.includes('seen-in-the-log')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ method: 'GET', path: '/api/v1/places', status: 200, context: 'Http' });
    expect(server.log()).not.toContain('secretword');
  });

  it('holds no password and no token at any level, whatever goes wrong', async () => {
    const { api } = server;
    await api.post('/auth/signup', { ...ACCOUNT, nickname: '기록' });
    await api.post('/auth/signup', { ...ACCOUNT, nickname: '기록' });
    await api.post('/auth/login', { ...ACCOUNT, password: `${PASSWORD}-wrong` });
    const { body } = await api.post<{ accessToken: string; refreshToken: string }>('/auth/login', ACCOUNT);
    const refresh = { headers: { refresh: body.refreshToken } };
    const next = await api.post<{ accessToken: string; refreshToken: string }>('/auth/reissue', undefined, refresh);
    await api.post('/auth/logout', undefined, { token: body.accessToken, ...refresh });
    await api.get('/users/me', { token: body.accessToken, headers: { 'x-request-id': 'the-last-one' } });
    await until(() => server.log().includes('the-last-one'));

    const secrets = [PASSWORD, body.accessToken, body.refreshToken, next.body.accessToken, next.body.refreshToken];
    expect(secrets.every((secret) => secret.length > 20)).toBe(true);
    expect(secrets.filter((secret) => server.log().includes(secret))).toEqual([]);
    expect(server.log()).not.toMatch(/argon2id/);
  });
});
