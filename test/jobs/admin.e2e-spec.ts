import { Worker, type Queue } from 'bullmq';
import { redisToken, type RedisClient } from '../../src/redis/index.js';
import { SessionStore } from '../../src/tokens/index.js';
import { UsersService } from '../../src/users/index.js';
import { useApp } from '../support/app.js';
import { allPages, aUser, type PageBody, type TestUser } from '../support/factories.js';
import { JobQueue, Jobs } from '../../src/jobs/index.js';
import { pruneJobs } from '../../src/jobs/prune-jobs.job.js';
import { until } from '../support/until.js';

interface JobBody {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly addedAt: string;
  readonly endedAt: string | null;
}

const BOARD = '/admin/queues';
/** The page, its API and its files. */
const PAGES = [BOARD, `${BOARD}/`, `${BOARD}/queue/jobs`, `${BOARD}/api/queues`, `${BOARD}/static/favicon.ico`];

describe('/admin/jobs', () => {
  const t = useApp();
  let jobs: Jobs;
  let admin: TestUser;

  beforeAll(async () => {
    jobs = t.app.get(Jobs, { strict: false });
    admin = await aUser(t, { role: 'admin' });
  });

  /** Adds a job, which stays waiting: no process of this suite runs jobs. */
  const add = async (options: Parameters<Jobs['add']>[2] = {}) => {
    const id = await jobs.add(pruneJobs, {}, options);
    await until(async () => (await jobs.status(id)) !== null);
    return id;
  };

  it('requires an admin', async () => {
    const user = await aUser(t);
    for (const path of ['/admin/jobs', '/admin/jobs/1']) {
      expect((await t.api.get(path)).status).toBe(401);
      expect(await t.api.get(path, { token: user.token })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
    expect((await t.api.post(`${BOARD}/session`, undefined, { token: user.token })).status).toBe(403);
  });

  it('returns a job by its id', async () => {
    const id = await add();
    const { status, body } = await t.api.get<JobBody>(`/admin/jobs/${id}`, { token: admin.token });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id, name: 'prune-jobs', state: 'waiting', progress: 0, attempts: 0, maxAttempts: 5,
      failure: null, startedAt: null, endedAt: null,
    });
    expect(Date.now() - Date.parse(body.addedAt)).toBeLessThan(10_000);
    expect(await t.api.get('/admin/jobs/none', { token: admin.token })).toMatchObject({
      status: 404, body: { code: 'JOB_NOT_FOUND' },
    });
  });

  it('lists jobs by state, page by page, the next to run first', async () => {
    const [low, high, normal, later] = [
      await add({ priority: 'low' }), await add({ priority: 'high' }), await add(), await add({ delay: '1h' }),
    ];
    const listed = async (path: string) => (await allPages<JobBody>(t, path, admin.token)).map(({ id }) => id);
    const waiting = await listed('/admin/jobs?state=waiting&limit=1');
    expect(waiting.filter((id) => [low, high, normal].includes(id))).toEqual([high, normal, low]);
    expect(await listed('/admin/jobs?state=delayed')).toContain(later);
    expect(await listed('/admin/jobs')).toEqual([]);
    const query = '/admin/jobs?state=waiting&limit=1';
    const { nextCursor } = (await t.api.get<PageBody<JobBody>>(query, { token: admin.token })).body;
    const elsewhere = `/admin/jobs?state=failed&cursor=${nextCursor ?? ''}`;
    expect((await t.api.get(elsewhere, { token: admin.token })).body).toMatchObject({ code: 'INVALID_CURSOR' });
    expect((await t.api.get('/admin/jobs?state=lost', { token: admin.token })).status).toBe(400);
  });
});

describe('Bull Board', () => {
  const t = useApp();

  /** Starts a session of Bull Board; returns the headers that a browser sends from then on. */
  const startSession = async ({ token }: TestUser): Promise<Record<string, string>> => {
    const { status, headers } = await t.api.post(`${BOARD}/session`, undefined, { token });
    expect(status).toBe(204);
    return { cookie: (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '' };
  };
  const codesOf = (headers?: Record<string, string>) =>
    Promise.all(PAGES.map(async (page) => {
      const { status, body } = await t.api.get<{ code?: string }>(page, { ...(headers && { headers }) });
      return body.code ?? status;
    }));
  const all = (code: string | number) => PAGES.map(() => code);

  it('serves pages, files and jobs to an admin with a session', async () => {
    const headers = await startSession(await aUser(t, { role: 'admin' }));
    expect(await codesOf(headers)).toEqual(all(200));
    const page = await t.api.get(BOARD, { headers });
    expect(page.text).toContain('<base href="/api/v1/admin/queues/"');
    expect(page.headers.get('content-security-policy')).toContain(`script-src 'self'`);
    const { body } = await t.api.get<{ queues: { name: string }[] }>(`${BOARD}/api/queues`, { headers });
    expect(body.queues.map(({ name }) => name)).toEqual(['jobs']);
  });

  it('sets a cookie that is HttpOnly, SameSite and limited to its path', async () => {
    const { token } = await aUser(t, { role: 'admin' });
    const cookie = (await t.api.post(`${BOARD}/session`, undefined, { token })).headers.get('set-cookie') ?? '';
    const attributes = cookie.split('; ').slice(1).sort();
    expect(attributes).toEqual(['HttpOnly', 'Max-Age=1800', 'Path=/api/v1/admin/queues', 'SameSite=Strict', 'Secure']);
    expect(cookie).not.toContain(token);
  });

  it('serves nothing without a session', async () => {
    const { token } = await aUser(t, { role: 'admin' });
    const own = await startSession(await aUser(t, { role: 'admin' }));
    const forged = `${(own['cookie'] ?? '').slice(0, -1)}_`;
    expect(await codesOf()).toEqual(all('QUEUE_BOARD_SESSION_REQUIRED'));
    expect(await codesOf({ authorization: `Bearer ${token}` })).toEqual(all('QUEUE_BOARD_SESSION_REQUIRED'));
    expect(await codesOf({ cookie: `__Secure-queues=${token}` })).toEqual(all('QUEUE_BOARD_SESSION_REQUIRED'));
    expect(await codesOf({ cookie: forged })).toEqual(all('QUEUE_BOARD_SESSION_REQUIRED'));
  });

  it('ends the session when its admin logs out, loses the role or is deleted', async () => {
    const [leaving, demoted, ended] = [1, 2, 3].map(() => aUser(t, { role: 'admin' }));
    const users = await Promise.all([leaving, demoted, ended]);
    const sessions = await Promise.all(users.map((each) => startSession(each as TestUser)));
    expect((await t.api.post('/auth/logout', undefined, { token: users[0]?.token })).status).toBe(204);
    await t.app.get(UsersService, { strict: false }).changePermissions(users[1]?.id ?? '', { role: 'user' });
    await t.app.get(SessionStore, { strict: false }).endAll(users[2]?.id ?? '');
    expect(await codesOf(sessions[0])).toEqual(all('QUEUE_BOARD_SESSION_REQUIRED'));
    expect(await codesOf(sessions[1])).toEqual(all('FORBIDDEN'));
    expect(await codesOf(sessions[2])).toEqual(all('QUEUE_BOARD_SESSION_REQUIRED'));
  });

  it('rejects changes requested by another site', async () => {
    const headers = await startSession(await aUser(t, { role: 'admin' }));
    const promote = (more: Record<string, string>) =>
      t.api.put<{ code?: string }>(`${BOARD}/api/queues/jobs/promote`, { headers: { ...headers, ...more } });
    const elsewhere: Record<string, string>[] = [
      { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' },
    ];
    for (const each of elsewhere) expect((await promote(each)).body.code).toBe('ORIGIN_NOT_ALLOWED');
    expect((await promote({ origin: t.api.origin, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it.each([
    ['PUT', 'pause'], ['PUT', 'jobs/pause'], ['PUT', 'jobs/pause?x=/api/queues/jobs/promote'],
    ['PUT', 'jobs/%70ause'], ['PUT', 'jobs/empty'],
    ['PUT', 'jobs/obliterate'], ['PUT', 'jobs/retry/completed'], ['PUT', 'jobs/clean/delayed'], ['POST', 'jobs/add'],
    ['PUT', 'jobs/concurrency'], ['PATCH', 'jobs/1/update-data'], ['PUT', 'jobs/job-schedulers/rank-places/remove'],
  ])('rejects %s %s', async (method, path) => {
    const headers = await startSession(await aUser(t, { role: 'admin' }));
    const { body } = await t.api.call<{ code?: string }>(method, `${BOARD}/api/queues/${path}`, { headers, body: {} });
    expect(body.code).toBe('FORBIDDEN');
    expect(await t.app.get(JobQueue, { strict: false }).queue.isPaused()).toBe(false);
  });

  /** Adds a job and fails it with a worker of its own, since no process of this suite runs jobs. */
  const addDeadJob = async (queue: Queue): Promise<string> => {
    const { id = '' } = await queue.add('dies', {}, { attempts: 1, lifo: true });
    const connection = t.app.get<RedisClient>(redisToken('queue'), { strict: false });
    const worker = new Worker(queue.name, null, { connection, prefix: queue.opts.prefix ?? '', autorun: false });
    const job = await worker.getNextJob('token');
    await job.moveToFailed(new Error('dead'), 'token');
    await worker.close();
    expect(job.id).toBe(id);
    return id;
  };

  it('removes and retries dead jobs, and no others', async () => {
    const headers = await startSession(await aUser(t, { role: 'admin' }));
    const change = async (id: string, action: string) =>
      (await t.api.put(`${BOARD}/api/queues/jobs/${id}/${action}`, { headers })).status;
    const { queue } = t.app.get(JobQueue, { strict: false });
    const waiting = await t.app.get(Jobs, { strict: false }).add(pruneJobs, {}, { delay: '1h' });
    await until(async () => (await queue.getJob(waiting)) !== undefined);
    for (const action of ['clean', 'retry']) expect(await change(waiting, action)).toBe(403);
    expect(await change('nobody', 'clean')).toBe(403);
    for (const action of ['retry', 'clean']) {
      const dead = await addDeadJob(queue);
      expect(await change(dead, action)).toBe(204);
      expect(await queue.getJobState(dead)).toBe(action === 'retry' ? 'waiting' : 'unknown');
    }
    expect(await change(waiting, 'promote')).toBe(204);
  });

  it('hides internals in error responses', async () => {
    const headers = await startSession(await aUser(t, { role: 'admin' }));
    const { status, body, text } = await t.api.call<{ code?: string }>('PUT', `${BOARD}/api/queues/jobs/promote`, {
      headers, body: '{"broken',
    });
    expect([status, body.code]).toEqual([400, 'MALFORMED_REQUEST']);
    expect(text).not.toMatch(/node_modules|SyntaxError/);
    expect((await t.api.get(`${BOARD}/nothing/there`, { headers })).body).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });
});

describe('requests to Bull Board without a session', () => {
  const t = useApp({ env: { RATE_LIMIT_ANONYMOUS: '10', TRUSTED_PROXIES: '127.0.0.1' } });

  it('count towards the rate limit of anonymous requests, whatever their credentials', async () => {
    const forged = { cookie: '__Secure-queues=forged' };
    const attempts: Record<string, string>[] = [{}, forged, { ...forged, authorization: 'Bearer made.up.token' }];
    for (const [i, headers] of attempts.entries()) {
      const from = { headers: { ...headers, 'x-forwarded-for': `198.18.13.${i}` } };
      const statuses = [];
      for (let j = 0; j < 12; j++) statuses.push((await t.api.get(PAGES[j % PAGES.length] ?? BOARD, from)).status);
      expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
      const pause = { headers: { ...from.headers, origin: 'https://evil.example' } };
      expect((await t.api.put(`${BOARD}/api/queues/jobs/pause`, pause)).status).toBe(429);
    }
  });
});
