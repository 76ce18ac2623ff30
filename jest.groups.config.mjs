import { base } from './jest.config.mjs';

/** All spec files of `npm test` in groups, which scripts/spec-groups.mjs writes. */
export default {
  ...base,
  roots: ['<rootDir>/.spec-groups'],
  testMatch: ['<rootDir>/.spec-groups/*.group.ts'],
  // More than cores: specs wait for servers about a third of the time.
  maxWorkers: 4,
};
