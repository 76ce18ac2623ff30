import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { startBuiltServer, type BuiltServer } from './support/built-server.js';
import { until } from './support/until.js';

const PASSWORD = 'acorns under the ginkgo';
const ACCOUNT = { email: 'logged@ecogreen.example', password: PASSWORD };

describe('the access log', () => {
  let server: BuiltServer;

  beforeAll(async () => {
    server = await startBuiltServer({ logLevel: 'trace' });
  });
  afterAll(() => server.stop());

  it('has a line per request, with its id and without its query', async () => {
    const headers = { 'x-request-id': 'seen-in-the-log' };
    await server.api.get('/places?q=secretword', { headers });
    await until(() => server.log().includes('seen-in-the-log'));
    const line = server.log().split('\n').find((each) => each.includes('seen-in-the-log')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ method: 'GET', path: '/api/v1/places', status: 200, context: 'Http' });
    expect(server.log()).not.toContain('secretword');
  });

  it.each([
    'http://mina:sesame@x/api/v1/categories',
    'HTTPS://mina:sesame@[::1]:3000/api/v1/categories?q=sesame',
    'http://mina:sesame%zz@x/api/v1/places/%zz',
    'ws://sesame@x/nowhere',
    'http://sesame@x',
    'http://sesame:@x?sesame',
  ])('contains only the path of %s', async (target) => {
    const id = randomUUID();
    const { port } = new URL(server.api.origin);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 [24]/);
    await until(() => server.log().includes(id));
    const line = server.log().split('\n').find((each) => each.includes(id)) ?? '{}';
    expect((JSON.parse(line) as { path: string }).path).toMatch(/^\//);
    expect(server.log()).not.toContain('sesame');
  });

  it('contains no password or token at any level', async () => {
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
