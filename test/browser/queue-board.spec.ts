import { mkdirSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { createJobsApp, type JobsTestApp } from '../jobs/jobs-test-app.js';
import { startBuiltServer, type BuiltServer } from '../support/built-server.js';
import { until } from '../support/until.js';

/** Flags of Chromium: allowed as root, and without background requests. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'];
const ADMIN = { email: 'admin@ecogreen.example', password: 'green-seoul-demo' };
const BOARD = '/api/v1/admin/queues';

describe('Bull Board in Chromium', () => {
  let server: BuiltServer;
  let producer: JobsTestApp;
  let browser: Browser;
  let page: Page;
  const consoleErrors: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS });
    server = await startBuiltServer({ sampleData: true });
    producer = await createJobsApp(server, { works: false });
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    page.on('pageerror', (error) => consoleErrors.push(error.message));
    page.on('console', (message) => {
      // The policy blocks its fonts, which are on another site.
      const isKnown = /fonts\.googleapis\.com|status of 4/.test(message.text());
      if (message.type() === 'error' && !isKnown) consoleErrors.push(message.text());
    });
  });
  afterAll(async () => {
    await browser.close();
    await producer.close();
    await server.stop();
  });

  const open = (path = '') => page.goto(`${server.api.origin}${BOARD}${path}`);
  const shot = async (name: string) => {
    mkdirSync('.data/screenshots', { recursive: true });
    await page.screenshot({ path: `.data/screenshots/${name}.png` });
  };
  /** Opens a session of the queue board, as an admin does at /docs. */
  const openSession = async (): Promise<string> => {
    await page.goto(`${server.api.origin}/docs`);
    return page.evaluate(async ({ admin, board }) => {
      const headers = { 'content-type': 'application/json' };
      const login = await fetch('/api/v1/auth/login', { method: 'POST', headers, body: JSON.stringify(admin) });
      const { accessToken } = (await login.json()) as { accessToken: string };
      const authorization = `Bearer ${accessToken}`;
      const response = await fetch(`${board}/session`, { method: 'POST', headers: { authorization } });
      if (response.status !== 204) throw new Error(`the board answered ${response.status}`);
      return accessToken;
    }, { admin: ADMIN, board: BOARD });
  };

  it('explains the login to a visitor without a session', async () => {
    const response = await open();
    expect(response?.status()).toBe(401);
    expect(await page.locator('body').innerText()).toContain('openQueueBoard');
  });

  it('shows a dead job to an admin, who retries it successfully', async () => {
    await producer.probe.query('ALTER TABLE job_run RENAME TO job_run_renamed');
    const { id = '' } = await producer.queue.add('prune-jobs', {}, { attempts: 1, jobId: 'the-dead-one' });
    await until(async () => (await producer.jobs.status(id))?.state === 'failed', 20_000);
    await producer.probe.query('ALTER TABLE job_run_renamed RENAME TO job_run');

    await openSession();
    await open('/queue/jobs?status=failed');
    await page.getByText('the-dead-one').first().waitFor();
    await shot('queue-board-dead');
    expect(await page.locator('body').innerText()).toContain('relation "job_run" does not exist');
    const [retry] = await page.locator('[class*=jobActions] button').all();
    await retry?.hover();
    await page.getByText('Retry', { exact: true }).waitFor();
    await retry?.click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await until(async () => (await producer.jobs.status(id))?.state === 'completed', 20_000);
    await open('/queue/jobs?status=completed');
    await page.getByText('the-dead-one').first().waitFor();
    await shot('queue-board-done');
  });

  it('ends its session when the admin logs out', async () => {
    const token = await openSession();
    await open();
    await page.getByText('Loading').waitFor({ state: 'hidden' });
    await shot('queue-board');
    await server.api.post('/auth/logout', undefined, { token });
    expect((await open())?.status()).toBe(401);
  });

  it('loads nothing that its content security policy blocks, except external fonts', () => {
    expect(consoleErrors).toEqual([]);
  });
});
