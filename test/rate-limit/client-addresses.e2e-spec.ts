import { once } from 'node:events';
import { connect } from 'node:net';
import { Logger } from '@nestjs/common';
import { signUp } from '../support/accounts.js';
import { createApp, type TestApp } from '../support/app.js';
import { PrometheusText } from '../support/prometheus-text.js';
import { until } from '../support/until.js';

/** Requests that are counted immediately, when their token is rejected, and also by the limit of logins. */
const REQUESTS = ['GET /api/v1/categories', 'GET /api/v1/users/me', 'POST /api/v1/auth/login'];
const [TIMES, LIMIT] = [20, 50];
const HEADERS = ['Host: ecogreen.example', 'Authorization: Bearer x.y.z'];

/** Sends a request, and resets the connection before the server has read it. */
async function sendAndReset({ api }: TestApp, request: string): Promise<void> {
  const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
  await once(socket, 'connect');
  const headers = HEADERS.slice(0, request.includes('users') ? 2 : 1);
  socket.write([`${request} HTTP/1.1`, ...headers, 'Content-Length: 0', '', ''].join('\r\n'));
  socket.resetAndDestroy();
}

async function metricsOf({ api }: TestApp) {
  const { text } = await api.get('//metrics');
  const counted = (outcome: string) =>
    new PrometheusText(text).value('ecogreen_rate_limit_requests_total', { policy: 'anonymous', outcome }) ?? 0;
  return { passed: counted('passed'), refused: counted('refused'), faults: text.match(/_count\{.*status="5.*/g) };
}

describe.each([
  ['in front of the server', {}],
  ['behind a proxy', { TRUSTED_PROXIES: '127.0.0.1' }],
])('clients that break their connections, %s', (_where, env) => {
  it('are counted by address and cause no 5xx', async () => {
    const t = await createApp({ env: { ...env, RATE_LIMIT_ANONYMOUS: String(LIMIT) } });
    const logged = jest.spyOn(Logger.prototype, 'error');
    for (let i = 0; i < TIMES; i++) for (const request of REQUESTS) await sendAndReset(t, request);
    const refused = TIMES * REQUESTS.length - LIMIT;
    await until(async () => {
      const { faults, ...counted } = await metricsOf(t);
      return faults !== null || (counted.passed === LIMIT && counted.refused === refused);
    });
    // Processed after the requests above, and counted separately.
    await signUp(t.api);
    expect(await metricsOf(t)).toEqual({ passed: LIMIT + 2, refused, faults: null });
    expect(logged).not.toHaveBeenCalled();
    logged.mockRestore();
    await t.close();
  });
});

describe('clients behind a proxy', () => {
  it('count as one per address across ports, and as one together without an address', async () => {
    const t = await createApp({ env: { RATE_LIMIT_ANONYMOUS: String(LIMIT), TRUSTED_PROXIES: '127.0.0.1' } });
    const used = async (...addresses: string[]) => {
      let last = '';
      for (const each of addresses) {
        const { headers } = await t.api.get('/categories', { headers: { 'x-forwarded-for': each } });
        last = headers.get('x-ratelimit-used') ?? '';
      }
      return last;
    };
    expect(await used('203.0.113.9:51234', '203.0.113.9:51235', '203.0.113.9')).toBe('3');
    expect(await used('[2001:db8::1]:443', '[2001:db8::2]:444', '[2001:db8::3]', '2001:db8::4')).toBe('4');
    const mapped = ['::ffff:c000:207', '::FFFF:C000:0207', '0:0:0:0:0:ffff:c000:207', '0::ffff:192.0.2.7'];
    const ported = ['[::ffff:c000:207]:443', '0000:0000:0000:0000:0000:ffff:192.0.2.7', '[::ffff:192.0.2.7%eth0]:1'];
    expect(await used('192.0.2.7', '::ffff:192.0.2.7', ...mapped, ...ported)).toBe('9');
    expect(await used('::ffff:192.0.2.8', '192.0.2.8', '::ffff:c000:208')).toBe('3');
    expect(await used('unknown', '_hidden', '203.0.113.9:x', '_SEVKISEK')).toBe('4');
    await t.close();
  });
});
