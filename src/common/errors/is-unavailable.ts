import { types } from 'node:util';
import { AppError } from './app-error.js';

const SOCKET_CODES = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN',
]);

/**
 * SQLSTATEs after which a retry of the same request may succeed: connection exceptions (class 08), operator
 * intervention (class 57), insufficient resources (class 53), serialization failure, deadlock and lock timeout.
 * Source: PostgreSQL 18 documentation, appendix A.
 */
const PASSING_SQL_STATE = /^(08|53|57)[0-9A-Z]{3}$|^(40001|40P01|55P03)$/;

/** Messages of pg, TypeORM and ioredis errors that have no code: the server is unavailable, frozen or starting. */
const MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Command timed out',
  'Connection is closed',
  "Stream isn't writeable",
  'max retries per request',
  'Redis is away',
  'Redis refuses a command',
  "Cluster isn't ready",
  'Cluster is ended',
  'None of startup nodes is available',
  'Failed to refresh slots cache',
  'Too many Cluster redirections',
  'All sentinels are unreachable',
  'Connection not established',
  'is not queryable',
  // A connection that breaks during a transaction is released; the next statement then has no connection.
  'Query runner already released',
  'query runner was already released',
];
const REDIS_REPLY = /^(OOM|READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF)\b/;

/** Whether the error means that a dependency is temporarily unavailable, rather than that the call was wrong. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === 'unavailable';
  if (!types.isNativeError(error)) return false;
  const { code, message, errors } = error as Error & { code?: unknown; errors?: unknown };
  if (Array.isArray(errors) && errors.some(isUnavailable)) return true;
  if (typeof code === 'string' && (SOCKET_CODES.has(code) || PASSING_SQL_STATE.test(code))) return true;
  return MESSAGES.some((each) => message.includes(each)) || REDIS_REPLY.test(message);
}
