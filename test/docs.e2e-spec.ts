import { createApp, type TestApp } from './support/app.js';

const PAGES = [
  ['//docs', 'text/html', 'docs/swagger-ui-bundle.js'],
  ['//docs/', 'text/html', '"swagger-ui-bundle.js'],
  ['//docs/initializer.js', 'text/javascript', 'SwaggerUIBundle'],
  ['//docs/swagger-ui-bundle.js', 'text/javascript', 'SwaggerUIBundle'],
  ['//docs/swagger-ui.css', 'text/css', '.swagger-ui'],
  ['//docs/openapi.json', 'application/json', '"openapi":"3.1.0"'],
  ['//docs/openapi.yaml', 'application/yaml', 'openapi: 3.1.0'],
] as const;

/** CPU that each of so many requests may take, the client's part included; making the YAML once takes more. */
const [REQUESTS, CPU_MS] = [100, 10];

describe('the documentation', () => {
  let t: TestApp;

  beforeAll(async () => {
    t = await createApp();
  });
  afterAll(() => t.close());

  it.each(PAGES)('%s is served as %s, and not again to who has it', async (path, type, content) => {
    const { status, headers, text } = await t.api.get(path);
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: `${type}; charset=utf-8` });
    expect(text).toContain(content);
    const tag = headers.get('etag') ?? '';
    expect(await t.api.get(path, { headers: { 'if-none-match': tag } })).toMatchObject({ status: 304, text: '' });
    const head = await t.api.call('HEAD', path);
    expect([head.status, head.headers.get('etag')]).toEqual([200, tag]);
  });

  it.each(PAGES)('%s costs next to nothing once it was asked for', async (path) => {
    await t.api.get(path);
    const before = process.cpuUsage();
    for (let number = 0; number < REQUESTS; number++) await t.api.call('HEAD', path);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000 / REQUESTS).toBeLessThan(CPU_MS);
  });

  it('has no page for what is no file of it', async () => {
    for (const path of ['//docs/package.json', '//docs/../package.json', '//docs//', '//docs/docs/swagger-ui.css']) {
      expect((await t.api.get(path)).status).toBe(404);
    }
  });
});
