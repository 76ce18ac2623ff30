import { setTimeout as sleep } from 'node:timers/promises';
import { UsersService } from '../../src/users/index.js';
import { aUser } from '../support/accounts.js';
import type { Answer } from '../support/api.js';
import { createApp, type TestApp } from '../support/app.js';

const LIMITS = {
  RATE_LIMIT_ANONYMOUS: '5',
  RATE_LIMIT_USER: '6',
  RATE_LIMIT_PREMIUM: '9',
  RATE_LIMIT_ADMIN: '0',
  TRUSTED_PROXIES: '127.0.0.1',
  CORS_ORIGINS: 'https://app.example',
};

describe('requests', () => {
  let t: TestApp;

  beforeAll(async () => {
    t = await createApp({ env: LIMITS });
  });

  afterAll(() => t.close());

  it('x', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    for (let i = 0; i < 7; i++) {
      const a = await t.api.get('/places/1', { headers: { ...headers, origin: 'https://app.example' } });
      console.log(a.status, [...a.headers], a.text);
    }
  });
});
