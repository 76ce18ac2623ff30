import { base } from './jest.config.mjs';

/** Tests in a real browser, apart because they need Chromium: `npm run test:browser`. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/browser/**/*spec.ts'],
  testTimeout: 120_000,
};
