export { DEMO_PASSWORD, loadSampleData, type SampleDataCounts } from './load-sample-data.js';
