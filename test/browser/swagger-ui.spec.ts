import { mkdirSync } from 'node:fs';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { startBuiltServer, type BuiltServer } from '../support/built-server.js';

/** Flags of Chromium: allowed as root, and without background requests. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PASSWORD = 'a-leaf-falls-at-dawn';

describe('Swagger UI in Chromium', () => {
  let server: BuiltServer;
  let browser: Browser;
  let page: Page;
  const consoleErrors: string[] = [];

  beforeAll(async () => {
    server = await startBuiltServer({ sampleData: true });
    browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS });
  });
  // Each test has cookies and stored tokens of its own.
  beforeEach(async () => {
    page = await (await browser.newContext({ viewport: { width: 1280, height: 1600 } })).newPage();
    page.on('pageerror', (error) => consoleErrors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('status of 4')) consoleErrors.push(message.text());
    });
    await page.goto(`${server.api.origin}/docs`);
    await page.waitForSelector('.opblock');
  });
  afterEach(() => page.context().close());
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it('covers sign-up to logout by "Try it out"', async () => {
    const account = { email: 'leaf@ecogreen.example', password: PASSWORD };
    expect(await tryOut('signUp', { body: { ...account, nickname: '잎사귀' } })).toMatchObject({ status: 201 });
    const login = await tryOut('logIn', { body: account });
    expect(login.status).toBe(200);
    const { accessToken, refreshToken } = login.body as { accessToken: string; refreshToken: string };

    await authorize({ accessToken, refreshToken });
    const review = { rating: 5, content: '포장 없이 담아 왔어요.' };
    expect(await tryOut('createReview', { parameters: { id: '1' }, body: review })).toMatchObject({
      status: 201,
      body: { rating: 5, author: { nickname: '잎사귀' } },
    });
    await shot('review');
    expect(await tryOut('logOut', {})).toMatchObject({ status: 204 });
    expect(await tryOut('getMe', {})).toMatchObject({ status: 401, body: { code: 'INVALID_ACCESS_TOKEN' } });
    await shot('logged-out');
  });

  it('has the demo account as a working example', async () => {
    expect(await tryOut('logIn', {})).toMatchObject({ status: 200, body: { tokenType: 'Bearer' } });
    expect(await tryOut('getPlace', {})).toMatchObject({ status: 200, body: { id: 1 } });
  });

  it('loads nothing that its content security policy blocks', () => {
    expect(consoleErrors).toEqual([]);
  });

  /** Opens, fills in and executes an operation; returns the response shown by Swagger UI. */
  async function tryOut(operationId: string, input: { body?: object; parameters?: Record<string, string> }) {
    const operation = page.locator(`.opblock[id$="-${operationId}"]`);
    const isOpen = (await operation.locator('.opblock-body').count()) > 0;
    if (!isOpen) await operation.locator('.opblock-summary-control').click();
    for (const [name, value] of Object.entries(input.parameters ?? {})) {
      await operation.locator(`tr[data-param-name="${name}"] input`).fill(value);
    }
    if (input.body) await operation.locator('textarea.body-param__text').fill(JSON.stringify(input.body));
    const responded = page.waitForResponse((response) => response.url().includes('/api/'));
    await operation.locator('button.execute').click();
    await responded;
    return readResponse(operation.locator('.live-responses-table').first());
  }

  async function readResponse(table: Locator) {
    await table.waitFor();
    const status = Number((await table.locator('tbody .response-col_status').first().innerText()).split(/\s/)[0]);
    const code = table.locator('tbody .highlight-code code').first();
    const text = (await code.count()) > 0 ? await code.innerText() : '{}';
    return { status, body: JSON.parse(text) as unknown };
  }

  async function authorize(tokens: { accessToken: string; refreshToken: string }) {
    await page.locator('.auth-wrapper .authorize').first().click();
    for (const [scheme, token] of Object.entries(tokens)) {
      const box = page.locator('.auth-container').filter({ has: page.locator('code', { hasText: scheme }) });
      await box.locator('input').fill(token);
      await box.locator('button.authorize').click();
    }
    await page.locator('.modal-ux .close-modal').click();
  }

  async function shot(name: string) {
    mkdirSync('.data/screenshots', { recursive: true });
    await page.screenshot({ path: `.data/screenshots/${name}.png` });
  }
});
