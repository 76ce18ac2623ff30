import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { TokenService } from '../../src/tokens/index.js';
import { useApp, type TestApp } from '../support/app.js';
import { aUser } from '../support/factories.js';
import { listenOnSocket } from './support/listeners.js';

const ALLOWED = 'https://map.example';
const TRUSTED = { TRUSTED_PROXIES: '127.0.0.1' };

type Headers = Record<string, string>;

/** Statuses of a reissue by cookie and of the handshake of the notification socket; 200 if it opens. */
async function statusesOf(t: TestApp, headers: Headers): Promise<{ cookie: number; socket: number }> {
  const { id, token } = await aUser(t);
  const { refreshToken } = await t.app.get(TokenService, { strict: false }).open(id);
  const { port } = new URL(t.api.origin);
  const cookie = { cookie: `__Secure-refresh=${refreshToken}`, 'content-length': '0' };
  const options = { port, host: '127.0.0.1', path: '/api/v1/auth/reissue', method: 'POST', agent: false };
  const sent = request({ ...options, headers: { ...headers, ...cookie } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  const socket = await listenOnSocket(t.api, { message: { accessToken: token }, headers }).then((listener) => {
    listener.close();
    return 200;
  }, (error: unknown) => Number(/\d{3}/.exec(String(error))?.[0]));
  return { cookie: response.statusCode ?? 0, socket };
}

describe.each([
  ['behind a trusted proxy', TRUSTED, 200],
  ['without a trusted proxy', {}, 403],
])('the origin check of cookies and sockets, %s', (_where, env, ifForwarded) => {
  const t = useApp({ env: { ...env, CORS_ORIGINS: ALLOWED } });

  const APP = 'https://app.example';
  it.each<[string, Headers, number]>([
    ['the forwarded host', { origin: APP, 'x-forwarded-host': 'app.example' }, ifForwarded],
    ['the last forwarded host', { origin: APP, 'x-forwarded-host': 'x.example, app.example' }, ifForwarded],
    ['the forwarded host with the default port', { origin: APP, 'x-forwarded-host': 'app.example:443' }, ifForwarded],
    ['the forwarded host in upper case', { origin: APP, 'x-forwarded-host': 'App.Example' }, ifForwarded],
    ['the forwarded host with a port', {
      origin: `${APP}:8443`, 'x-forwarded-host': 'app.example:8443',
    }, ifForwarded],
    ['another forwarded host than the first', { origin: APP, 'x-forwarded-host': 'app.example, y.example' }, 403],
    ['another port', { origin: `${APP}:8443`, 'x-forwarded-host': 'app.example' }, 403],
    ['another scheme than http', { origin: 'ftp://app.example', host: 'app.example' }, 403],
    ['the host itself', { origin: APP, host: 'app.example' }, 200],
    ['the host itself with the default port', { origin: 'http://app.example', host: 'app.example:80' }, 200],
    ['another host', { origin: APP, host: 'other.example' }, 403],
    ['an allowed origin', { origin: ALLOWED, host: 'other.example' }, 200],
    ['null', { origin: 'null', host: 'null' }, 403],
    ['no origin', {}, 200],
    ['the host itself, of a cross-site page', {
      origin: APP, host: 'app.example', 'sec-fetch-site': 'cross-site',
    }, 403],
  ])('gives the same result for both: %s', async (_what, headers, status) => {
    expect(await statusesOf(t, headers)).toEqual({ cookie: status, socket: status });
  });
});
