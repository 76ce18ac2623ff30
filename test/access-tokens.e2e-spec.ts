import { JwtService } from '@nestjs/jwt';
import { useApp } from './support/app.js';
import { aUser, users } from './support/factories.js';
import { listen, listenOnSocket } from './notifications/support/listeners.js';

const t = useApp();
let verify: jest.SpyInstance;

beforeAll(() => {
  verify = jest.spyOn(t.app.get(JwtService, { strict: false }), 'verify');
});
beforeEach(() => verify.mockClear());

describe('the signature of an access token', () => {
  it.each([
    ['a route that requires a user', 200, '/users/me'],
    ['a public route', 200, '/places'],
    ['a route of another role', 403, '/admin/caches'],
  ])('is verified once per request to %s', async (_what, expected, path) => {
    const { token } = await aUser(t);
    expect((await t.api.get(path, { token })).status).toBe(expected);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it('is verified once if it is forged', async () => {
    const { token } = await aUser(t);
    const forged = `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(43)}`;
    expect((await t.api.get('/users/me', { token: forged })).status).toBe(401);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it('is verified once per stream', async () => {
    const { token } = await aUser(t);
    const stream = await listen(t.api, { token });
    expect(verify).toHaveBeenCalledTimes(1);
    stream.close();
  });

  it.each([
    ['a header', (token: string) => ({ headers: { authorization: `Bearer ${token}` }, message: {} })],
    ['the first message', (token: string) => ({ message: { accessToken: token } })],
  ])('is verified once per WebSocket that sends it in %s', async (_where, optionsFor) => {
    const { token } = await aUser(t);
    const socket = await listenOnSocket(t.api, optionsFor(token));
    expect(verify).toHaveBeenCalledTimes(1);
    socket.close();
  });

  it('is verified once when the queue board is opened', async () => {
    const { token } = await aUser(t, { role: 'admin' });
    expect((await t.api.post('/admin/queues/session', undefined, { token })).status).toBe(204);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  it('is verified for each request of a connection', async () => {
    const { token } = await aUser(t);
    for (let i = 0; i < 3; i++) expect((await t.api.get('/users/me', { token })).status).toBe(200);
    expect(verify).toHaveBeenCalledTimes(3);
  });
});

describe('concurrent requests', () => {
  it('are each authenticated as the user of their own token', async () => {
    const callers = await users(t, 20);
    const sent = [...callers, ...callers.toReversed(), ...callers];
    const responses = await Promise.all(sent.map(({ token }) => t.api.get<{ id: string }>('/users/me', { token })));
    expect(responses.map(({ body }) => body.id)).toEqual(sent.map(({ id }) => id));
  });
});
