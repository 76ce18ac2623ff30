export { createDataSource } from './data-source.js';
export { DatabaseProbe } from './database-probe.js';
export { DatabaseModule } from './database.module.js';
export { migrate } from './migrate.js';
export { afterCommit, inTransaction } from './transaction.js';
