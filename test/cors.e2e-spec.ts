import { createApp, type TestApp } from './support/app.js';

const ALLOWED = 'https://app.example';
const WEB_VIEW = 'capacitor://localhost';

describe('a browser on another site', () => {
  let t: TestApp;

  beforeAll(async () => {
    t = await createApp({ env: { CORS_ORIGINS: `${ALLOWED},${WEB_VIEW}` } });
  });
  afterAll(() => t.close());

  const preflight = (origin: string, method: string) =>
    t.api.call('OPTIONS', '/places/1', { headers: { origin, 'access-control-request-method': method } });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('may send %s when its site is allowed', async (method) => {
    const { status, headers } = await preflight(ALLOWED, method);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-allow-methods')?.split(/, */)).toContain(method);
  });

  it('may call from the web view of an app', async () => {
    const { status, headers } = await preflight(WEB_VIEW, 'POST');
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, WEB_VIEW]);
    const credentials = { email: 'a@b.kr', password: 'x' };
    const login = await t.api.post('/auth/login', credentials, { headers: { origin: WEB_VIEW } });
    expect(login.status).toBe(401);
    expect(login.headers.get('access-control-allow-origin')).toBe(WEB_VIEW);
  });

  it('need not ask before each request', async () => {
    expect((await preflight(ALLOWED, 'PUT')).headers.get('access-control-max-age')).toBe('7200');
  });

  it('may read what clients need of an answer', async () => {
    const { headers } = await t.api.get('/places', { headers: { origin: ALLOWED } });
    const exposed = headers.get('access-control-expose-headers')?.split(/, */);
    expect(exposed).toEqual(expect.arrayContaining(['ETag', 'Location', 'Retry-After', 'X-Cache', 'X-Request-Id']));
  });

  it('gets no leave when its site is not allowed', async () => {
    const { headers } = await preflight('https://elsewhere.example', 'PATCH');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
