import { types } from 'node:util';
import { AppError } from './app-error.js';
import { UnavailableError } from './unavailable-error.js';

const SOCKET_CODES = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN',
]);

/**
 * SQLSTATEs after which a retry of the same request may succeed: connection exceptions (class 08), operator
 * intervention (class 57), insufficient resources (class 53), serialization failure, deadlock, lock timeout, and a
 * server that accepts no writes, such as a standby. Source: PostgreSQL 18 documentation, appendix A.
 */
const PASSING_SQL_STATE = /^(08|53|57)[0-9A-Z]{3}$|^(40001|40P01|55P03|25006)$/;

/**
 * Class names of library errors. A connection that breaks during a transaction is released, so the next statement of
 * the transaction fails with the first.
 */
const CLASS_NAMES = new Set([
  'QueryRunnerAlreadyReleasedError',
  'QueryRunnerProviderAlreadyReleasedError',
  'MaxRetriesPerRequestError',
  'ClusterAllFailedError',
]);

/** Texts of library errors that have neither a code nor a class of their own; the test finds each in its library. */
export const LIBRARY_TEXTS = {
  'pg/lib/client.js': ['Connection terminated', 'and is not queryable'],
  'ioredis/built/utils/index.js': ['Connection is closed.'],
  'ioredis/built/cluster/index.js': [
    "Cluster isn't ready", 'Cluster is ended', 'None of startup nodes is available', 'Too many Cluster redirections',
  ],
  'ioredis/built/connectors/SentinelConnector/index.js': ['All sentinels are unreachable'],
} as const;
const TEXTS = Object.values(LIBRARY_TEXTS).flat();

const REDIS_REPLY = /^(OOM|READONLY|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF)\b/;

/** Whether the error means that a dependency is temporarily unavailable, rather than that the call was wrong. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === 'unavailable';
  if (error instanceof UnavailableError) return true;
  if (!types.isNativeError(error)) return false;
  const { code, name, message, errors, driverError } = error as Error & Partial<Record<string, unknown>>;
  if (Array.isArray(errors) && errors.some(isUnavailable)) return true;
  // TypeORM wraps errors of pg in an error of its own.
  if (isUnavailable(driverError)) return true;
  if (typeof code === 'string' && (SOCKET_CODES.has(code) || PASSING_SQL_STATE.test(code))) return true;
  return CLASS_NAMES.has(name) || REDIS_REPLY.test(message) || TEXTS.some((text) => message.includes(text));
}
