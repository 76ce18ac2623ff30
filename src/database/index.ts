export { createDataSource } from './data-source.js';
export { DatabaseProbe } from './database-probe.js';
export { DatabaseModule } from './database.module.js';
export { findKeysetPage, type KeysetPage, type PageRequest } from './keyset-page.js';
export { migrate } from './migrate.js';
export { Outbox, type OutboxEntry } from './outbox/outbox.js';
export type { OutboxHandler } from './outbox/outbox-relay.js';
export type { OutboxDepth, OutboxRow } from './outbox/outbox.repository.js';
export { afterCommit, inTransaction, joinTransaction, type Participant } from './transaction.js';
