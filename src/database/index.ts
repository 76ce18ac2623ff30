export { createDataSource } from './data-source.js';
export { DatabaseProbe } from './database-probe.js';
export { DatabaseModule } from './database.module.js';
export { findKeysetPage, type KeysetPage, type PageRequest } from './keyset-page.js';
export { migrate } from './migrate.js';
export { afterCommit, inTransaction } from './transaction.js';
