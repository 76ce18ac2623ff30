import { useApp } from './support/app.js';

const PAGES = [
  ['//', 'text/html', '<a href="docs">'],
  ['//docs', 'text/html', 'docs/swagger-ui-bundle.js'],
  ['//docs/', 'text/html', '"swagger-ui-bundle.js'],
  ['//docs/initializer.js', 'text/javascript', 'SwaggerUIBundle'],
  ['//docs/swagger-ui-bundle.js', 'text/javascript', 'SwaggerUIBundle'],
  ['//docs/swagger-ui.css', 'text/css', '.swagger-ui'],
  ['//docs/openapi.json', 'application/json', '"openapi":"3.1.0"'],
  ['//docs/openapi.yaml', 'application/yaml', 'openapi: 3.1.0'],
] as const;

/** Requests per attempt, and attempts: the least CPU time of several is nearest to the cost of the requests. */
const [REQUESTS, ATTEMPTS] = [20, 5];
/** CPU milliseconds by which a page may exceed `/health/live`; generating the YAML takes 48. */
const EXTRA_CPU_MS = 10;

describe('the documentation pages', () => {
  const t = useApp();

  it.each(PAGES)('serve %s as %s, and 304 for its ETag', async (path, type, content) => {
    const { status, headers, text } = await t.api.get(path);
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: `${type}; charset=utf-8` });
    expect(text).toContain(content);
    const tag = headers.get('etag') ?? '';
    expect(await t.api.get(path, { headers: { 'if-none-match': tag } })).toMatchObject({ status: 304, text: '' });
    const head = await t.api.call('HEAD', path);
    expect([head.status, head.headers.get('etag')]).toEqual([200, tag]);
  });

  it.each(PAGES)('serve %s without generating it again', async (path) => {
    await t.api.get(path);
    expect(await cpuMsOf(path)).toBeLessThan((await cpuMsOf('//health/live')) + EXTRA_CPU_MS);
  });

  /** CPU milliseconds per request, including those of the client. */
  async function cpuMsOf(path: string): Promise<number> {
    const costs: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = process.cpuUsage();
      for (let number = 0; number < REQUESTS; number++) await t.api.call('HEAD', path);
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / 1_000 / REQUESTS);
    }
    return Math.min(...costs);
  }

  it('answer 404 for other files', async () => {
    for (const path of ['//docs/package.json', '//docs/../package.json', '//docs//', '//docs/docs/swagger-ui.css']) {
      expect((await t.api.get(path)).status).toBe(404);
    }
  });
});
