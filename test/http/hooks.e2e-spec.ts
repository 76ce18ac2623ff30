import { AbstractHttpAdapter } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { useApp } from '../support/app.js';
import { aPlace, aUser, type TestUser } from '../support/factories.js';
import { sendRaw } from './raw-request.js';

/** Files or packages that add hooks, by name of the hook, in the order in which the hooks run. */
type Registrations = Record<string, string[]>;

const ADAPTER = '@nestjs/platform-fastify';

/** Within a phase, hooks that routes add to themselves (in `onRoute`) follow the hooks of the server. */
const ORDER: Registrations = {
  // Those of the adapter include CORS; the one of `@fastify/view` concerns the queue board only.
  onRequest: [
    ...new Array<string>(6).fill(ADAPTER),
    ...['request-context', 'security-headers', 'json-bodies', '@fastify/cookie', '@fastify/view'],
  ],
  preParsing: ['rate-limit', 'head-checks'],
  preValidation: ['malformed-input', 'queue-board'],
  preHandler: ['cache-status'],
  preSerialization: ['entity-tags'],
  onSend: ['rate-limit', 'entity-tags', '@fastify/cookie', 'cache-status'],
  onResponse: [ADAPTER, 'request-metrics', 'access-log'],
  onRoute: ['problem-details', 'request-metrics', 'rate-limit', 'head-checks', 'cached-responses', 'view-tracking'],
  onRegister: [ADAPTER],
  preClose: ['connections'],
};

const ORIGIN = 'https://web.example';
const LIMIT = 3;

/** Records every `addHook` of the Fastify instance created next, and of its encapsulated contexts. */
function recordHooks(): Registrations {
  const registrations: Registrations = {};
  const original = Reflect.get(AbstractHttpAdapter.prototype, 'setInstance') as (instance: FastifyInstance) => void;
  jest.spyOn(AbstractHttpAdapter.prototype, 'setInstance').mockImplementation(function (this: unknown, instance) {
    const server = instance as FastifyInstance;
    const addHook = server.addHook as (this: FastifyInstance, ...args: unknown[]) => FastifyInstance;
    server.addHook = function (this: FastifyInstance, name: string, ...rest: unknown[]) {
      (registrations[name] ??= []).push(callerOf(new Error('for its stack').stack ?? ''));
      return addHook.call(this, name, ...rest);
    };
    original.call(this, server);
  });
  return registrations;
}

/** File or package of the function that calls `addHook`: the third frame. */
function callerOf(stack: string): string {
  const frame = stack.split('\n')[2] ?? '';
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(frame) ?? /\/([\w-]+)[\w.-]*\.ts:/.exec(frame) ?? [];
  return name ?? frame;
}

describe('request hooks', () => {
  let registrations: Registrations;
  let user: TestUser;
  let placeId: number;
  let addresses = 0;

  beforeAll(() => {
    registrations = recordHooks();
  });
  const t = useApp({
    env: { RATE_LIMIT_ANONYMOUS: String(LIMIT), TRUSTED_PROXIES: '127.0.0.1', CORS_ORIGINS: ORIGIN },
  });
  beforeAll(async () => {
    user = await aUser(t);
    placeId = (await aPlace(t, { owner: user })).id;
  });
  afterAll(() => jest.restoreAllMocks());

  /** Headers of a client at an address of its own. */
  const client = (): Record<string, string> => ({ 'x-forwarded-for': `203.0.113.${(addresses += 1)}` });

  /** Headers of a client whose address has no requests left. */
  const exhausted = async (): Promise<Record<string, string>> => {
    const headers = client();
    for (let sent = 0; sent < LIMIT; sent += 1) await t.api.get('/categories', { headers });
    return headers;
  };

  /** Status and code of the response to a request that no HTTP client would send. */
  const raw = async (requestLine: string, headers: Record<string, string>, body = '') => {
    const fields = { Connection: 'close', ...(body !== '' && { 'Content-Length': String(body.length) }), ...headers };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    const response = await sendRaw(t, `${[`${requestLine} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body}`);
    return [response.status, response.body['code']];
  };

  it('are registered in this order', () => {
    expect(registrations).toEqual(ORDER);
  });

  describe('onRequest', () => {
    it('answers a preflight before any other hook', async () => {
      const headers = { ...(await exhausted()), origin: ORIGIN, 'access-control-request-method': 'PATCH' };
      const response = await t.api.call('OPTIONS', '/places/1', { headers });
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      const absent = ['x-request-id', 'content-security-policy', 'ratelimit', 'x-cache', 'etag'];
      expect(absent.filter((name) => response.headers.has(name))).toEqual([]);
    });

    it('adds its headers before a request can be refused', async () => {
      const sent = { ...(await exhausted()), origin: ORIGIN };
      const { status, headers } = await t.api.get('/categories', { headers: sent });
      expect(status).toBe(429);
      const present = ['x-request-id', 'content-security-policy', 'access-control-allow-origin'];
      expect(present.filter((name) => !headers.has(name))).toEqual([]);
    });
  });

  describe('preParsing', () => {
    it('counts a request before it checks the head', async () => {
      const get = 'GET /api/v1/categories';
      expect(await raw(get, { host: 'a@x', ...(await exhausted()) })).toEqual([429, 'RATE_LIMITED']);
      expect(await raw(get, { host: 'a@x', ...client() })).toEqual([400, 'INVALID_HOST']);
    });

    it('counts a request to an unknown path before it checks the head', async () => {
      expect(await raw('GET /unknown', { host: 'a@x', ...(await exhausted()) })).toEqual([429, 'RATE_LIMITED']);
      expect(await raw('GET /unknown', { host: 'a@x', ...client() })).toEqual([400, 'INVALID_HOST']);
      expect(await raw('GET /unknown', { host: 'x', ...client() })).toEqual([404, 'ROUTE_NOT_FOUND']);
    });

    it('checks the head of paths without a limit, too', async () => {
      expect(await raw('GET /health/live', { host: 'x', ...(await exhausted()) })).toEqual([200, undefined]);
      expect(await raw('GET /health/live', { host: 'a@x', ...client() })).toEqual([400, 'INVALID_HOST']);
    });

    it('checks the head before the body is read', async () => {
      const post = 'POST /api/v1/auth/login';
      const head = { host: 'x', 'content-type': 'text/plain' };
      expect(await raw(post, { ...head, expect: 'x', ...client() }, 'x')).toEqual([417, 'EXPECTATION_FAILED']);
      expect(await raw(post, { ...head, ...client() }, 'x')).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    });
  });

  describe('preValidation', () => {
    it('follows the parsing of the body', async () => {
      const post = 'POST /api/v1/auth/login?x=%00';
      const json = { host: 'x', 'content-type': 'application/json' };
      expect(await raw(post, { ...json, 'content-type': 'text/plain', ...client() }, '{}')).toEqual([
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ]);
      expect(await raw(post, { ...json, ...client() }, '{}')).toEqual([400, 'MALFORMED_REQUEST']);
    });

    it('refuses malformed input before the token is checked', async () => {
      expect(await raw('GET /api/v1/users/me?x=%00', { host: 'x', ...client() })).toEqual([400, 'MALFORMED_REQUEST']);
      expect(await raw('GET /api/v1/users/me', { host: 'x', ...client() })).toEqual([401, 'ACCESS_TOKEN_MISSING']);
    });

    it('refuses malformed input before a response comes from the cache', async () => {
      const path = `/api/v1/places/${placeId}`;
      expect(await raw(`GET ${path}`, { host: 'x', ...client() })).toEqual([200, undefined]);
      expect(await raw(`GET ${path}?x=%00`, { host: 'x', ...client() })).toEqual([400, 'MALFORMED_REQUEST']);
    });

    it('counts and checks a request before the session cookie of the queue board', async () => {
      const board = 'GET /api/v1/admin/queues';
      expect(await raw(`${board}?x=%00`, { host: 'x', ...(await exhausted()) })).toEqual([429, 'RATE_LIMITED']);
      expect(await raw(`${board}?x=%00`, { host: 'x', ...client() })).toEqual([400, 'MALFORMED_REQUEST']);
      expect((await raw(board, { host: 'x', ...client() }))[0]).toBe(401);
    });
  });

  describe('preHandler', () => {
    it('sends a cached response with its status, tag and headers of the rate limit', async () => {
      const read = async (headers: Record<string, string>) => t.api.get(`/places/${placeId}`, { headers });
      const { headers } = await read(client());
      const hit = await read({ ...client(), 'if-none-match': headers.get('etag') ?? '' });
      expect([hit.status, hit.headers.get('x-cache')]).toEqual([304, 'HIT']);
      expect(hit.headers.get('x-ratelimit-remaining')).toBe(String(LIMIT - 1));
      expect((await read(await exhausted())).status).toBe(429);
    });
  });

  describe('guards and pipes', () => {
    const patch = async (headers: Record<string, string>) => {
      const { status, body } = await t.api.patch(`/places/${placeId}`, { name: 1 }, { headers });
      return [status, body['code']];
    };

    it('check the token before the input', async () => {
      expect(await patch(client())).toEqual([401, 'ACCESS_TOKEN_MISSING']);
      expect(await patch({ ...client(), authorization: 'Bearer x' })).toEqual([401, 'INVALID_ACCESS_TOKEN']);
      expect(await patch({ ...client(), authorization: `Bearer ${user.token}` })).toEqual([400, 'VALIDATION_FAILED']);
    });

    it('run after the limit of the address, for a request without a signed token', async () => {
      expect(await patch({ ...(await exhausted()), authorization: 'Bearer x' })).toEqual([429, 'RATE_LIMITED']);
    });
  });

  describe('onSend', () => {
    it('counts a request whose signed token is refused for its address', async () => {
      const { token } = await aUser(t);
      await t.api.post('/auth/logout', undefined, { token });
      const refusal = async (headers: Record<string, string>) => {
        const { status, body } = await t.api.get('/users/me', { token, headers });
        return [status, body['code']];
      };
      expect(await refusal(client())).toEqual([401, 'INVALID_ACCESS_TOKEN']);
      expect(await refusal(await exhausted())).toEqual([429, 'RATE_LIMITED']);
    });

    it('tags successful reads only', async () => {
      const tagOf = async (path: string) => (await t.api.get(path, { headers: client() })).headers.has('etag');
      expect([await tagOf('/categories'), await tagOf('/unknown')]).toEqual([true, false]);
    });
  });
});
