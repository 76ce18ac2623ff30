import { prettyFactory } from 'pino-pretty';

/** Fields that `messageOf` puts on the line of the message; others, such as a stack, follow on separate lines. */
const INLINE_FIELDS = ['context', 'requestId', 'method', 'path', 'status', 'ms', 'cache'];

/** Formats a JSON log line for a terminal: one line per request, such as `GET /api/v1/places/1 200 3 ms HIT`. */
export const prettyLine = prettyFactory({
  ignore: ['pid', 'hostname', ...INLINE_FIELDS].join(),
  translateTime: 'SYS:HH:MM:ss.l',
  messageFormat: messageOf,
});

function messageOf(log: Record<string, unknown>): string {
  const { context, requestId, msg, method, path, status, ms, cache } = log as Record<string, string | undefined>;
  const parts = method === undefined
    ? [context && `[${context}]`, msg, requestId && `(request ${requestId})`]
    : [method, path, status, `${ms} ms`, cache];
  return parts.filter(Boolean).join(' ');
}
