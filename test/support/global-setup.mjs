export { beginRun as default } from './test-run.mjs';
