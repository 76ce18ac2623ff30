import { useApp } from '../support/app.js';
import { aUser, newPlace, type TestUser } from '../support/factories.js';

/** About three times the cost on an idle machine, and a fifth of the cost without bounds. */
const CPU_MS = 30;
const RESPONSE_BYTES = 4_000;
const ATTEMPTS = 20;

const repeat = (count: number, make: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => make(at)).join();
const spans = (count: number) => `[${repeat(count, () => '{"open":"1"}')}]`;
const marks = (text: string, length = 90_000) => text.repeat(length / Buffer.byteLength(text));

/** Expensive requests below the size limits: name, method, path and body. */
const REQUESTS: readonly [string, string, string, string | undefined][] = [
  ['unknown fields', 'PATCH', '/users/me', `{${repeat(7_000, (at) => `"k${at}":1`)}}`],
  ['fields that are numbers', 'PATCH', '/users/me', `{${repeat(7_000, (at) => `"${at * 7_919}":1`)}}`],
  ['nested unknown fields', 'PATCH', '/places/1', `{"openingHours":{${repeat(6_000, (at) => `"k${at}":{}`)}}}`],
  ['opening spans', 'PATCH', '/places/1', `{"openingHours":{"mon":${spans(7_000)}}}`],
  ['empty opening spans', 'PATCH', '/places/1', `{"openingHours":{"mon":[${repeat(30_000, () => '{}')}]}}`],
  ['as many values as are allowed', 'PATCH', '/places/1', `{${repeat(115, (at) => `"${at}${'k'.repeat(800)}":1`)}}`],
  ['a list', 'POST', '/auth/login', `[${repeat(45_000, () => '1')}]`],
  ['depth', 'POST', '/auth/login', '['.repeat(45_000) + ']'.repeat(45_000)],
  ['depth in objects', 'POST', '/auth/login', '{"a":'.repeat(15_000) + '1' + '}'.repeat(15_000)],
  ['a field called constructor', 'POST', '/auth/login', `{"constructor":1,"a":[${repeat(30_000, () => '{}')}]}`],
  ['combining marks', 'POST', '/auth/login', `{"email":"a${marks('\u0316\u0301')}"}`],
  ['marks in a nickname', 'PATCH', '/users/me', `{"nickname":"a${marks('\u0301', 45_000)}${marks('\u0316', 45_000)}"}`],
  ['short runs of combining marks', 'POST', '/auth/login', `{"email":"${marks(`a${'\u0301'.repeat(30)}`)}"}`],
  ['characters that expand', 'POST', '/auth/signup', `{"password":"${marks('\ufdfa')}"}`],
  ['a long text', 'POST', '/auth/signup', `{"email":"${'a@'.repeat(45_000)}","nickname":"${'가'.repeat(2_000)}"}`],
  ['a long web address', 'PATCH', '/places/1', `{"homepage":"http://${'a.'.repeat(45_000)}kr"}`],
  ['names in a query', 'GET', `/places?${repeat(3_500, (at) => at.toString(36)).replaceAll(',', '&')}`, undefined],
  ['a repeated name in a query', 'GET', `/places?${'q&'.repeat(7_000)}`, undefined],
  ['percent-encoding in a query', 'GET', `/places?q=${'%EA%B0%80'.repeat(1_600)}`, undefined],
];

describe('validation', () => {
  const t = useApp();
  let user: TestUser;

  beforeAll(async () => {
    user = await aUser(t);
  });

  const send = (method: string, path: string, body?: string) => {
    const headers = { host: 'x', authorization: `Bearer ${user.token}`, 'content-type': 'application/json' };
    const url = `/api/v1${path}`;
    return t.app.inject({ method: method as 'GET', url, headers, ...(body !== undefined && { payload: body }) });
  };

  /** Least CPU time of several tries, which is nearest to the cost of the work: it includes the whole process. */
  const leastCpuMs = async (work: () => Promise<unknown>) => {
    const costs: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const begun = process.cpuUsage();
      await work();
      const { user: inUser, system } = process.cpuUsage(begun);
      costs.push((inUser + system) / 1_000);
    }
    return Math.min(...costs);
  };

  it.each(REQUESTS)('takes little CPU time and a short response: %s', async (_name, method, path, body) => {
    expect(Buffer.byteLength(body ?? '')).toBeLessThan(100_000);
    const response = await send(method, path, body);
    expect(response.statusCode).toBe(400);
    expect(response.rawPayload.length).toBeLessThan(RESPONSE_BYTES);
    expect(await leastCpuMs(() => send(method, path, body))).toBeLessThan(CPU_MS);
  });

  it('reports 20 errors at most', async () => {
    const fields = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, 1]));
    const { body } = await t.api.patch('/users/me', fields, { token: user.token });
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: { length: 20 } });
  });

  it('accepts the largest possible place', async () => {
    const span = { open: '10:00', close: '11:00' };
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [span, span, span]]);
    const given = { openingHours: Object.fromEntries(days) as object, description: '각'.normalize('NFD').repeat(2_000) };
    const fields = { phone: '02-332-0000', homepage: 'https://chorok.example', kakaoId: '1' };
    const { status } = await t.api.post('/places', newPlace({ ...given, ...fields }), { token: user.token });
    expect(status).toBe(201);
  });
});
