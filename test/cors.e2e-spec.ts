import { useApp } from './support/app.js';

const ALLOWED = 'https://app.example';
const WEB_VIEW = 'capacitor://localhost';

describe('CORS', () => {
  const t = useApp({ env: { CORS_ORIGINS: `${ALLOWED},${WEB_VIEW}` } });

  const preflight = (origin: string, method: string) =>
    t.api.call('OPTIONS', '/places/1', { headers: { origin, 'access-control-request-method': method } });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('allows %s to an allowed origin', async (method) => {
    const { status, headers } = await preflight(ALLOWED, method);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-allow-methods')?.split(/, */)).toContain(method);
  });

  it('allows the web view of an app', async () => {
    const { status, headers } = await preflight(WEB_VIEW, 'POST');
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, WEB_VIEW]);
    const credentials = { email: 'a@b.kr', password: 'x' };
    const login = await t.api.post('/auth/login', credentials, { headers: { origin: WEB_VIEW } });
    expect(login.status).toBe(401);
    expect(login.headers.get('access-control-allow-origin')).toBe(WEB_VIEW);
  });

  it('lets browsers cache the preflight response', async () => {
    expect((await preflight(ALLOWED, 'PUT')).headers.get('access-control-max-age')).toBe('7200');
  });

  it('exposes the headers that clients need', async () => {
    const { headers } = await t.api.get('/places', { headers: { origin: ALLOWED } });
    const exposed = headers.get('access-control-expose-headers')?.split(/, */);
    expect(exposed).toEqual(expect.arrayContaining(['ETag', 'Location', 'Retry-After', 'X-Cache', 'X-Request-Id']));
  });

  it('allows nothing to another origin', async () => {
    const { headers } = await preflight('https://elsewhere.example', 'PATCH');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
