export { logAccess } from './access-log.js';
export { AppLogger, createPino, type LogOptions } from './app-logger.js';
export { currentRequestId, followRequests, makeRequestId } from './request-context.js';
