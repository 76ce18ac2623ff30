import { base } from './jest.config.mjs';

/** Endurance proofs (kills, outages, clusters, ten times the data), which take minutes: `npm run test:proofs`. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/**/*.proof.ts'],
};
