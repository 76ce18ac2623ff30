export { DEMO_PASSWORD, loadSampleData } from './load-sample-data.js';
export { loadSampleDataInProduction, warnOfPublishedPasswords } from './production.js';
