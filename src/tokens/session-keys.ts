const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a value is a UUID in canonical form; nothing else may become part of a key. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/**
 * Redis keys of a user's tokens, all in one hash slot, `{userId}`, so that one script may access all of them.
 *
 * | key | type | content | TTL |
 * |---|---|---|---|
 * | `…:sessions` | sorted set | session ids by login time (µs) | until its last session expires |
 * | `…:session:<id>` | hash | see `open-session.script.ts` | idle expiration, at most absolute expiration |
 * | `…:successor:<id>` | string | the current refresh token, sealed under the previous one | reuse window |
 * | `…:denied:<jti>` | string | empty: the access token is blacklisted | remaining lifetime of the token |
 * | `…:not-before` | string | s since 1970; access tokens issued earlier are revoked | 1 day, maximum token TTL |
 * | `…:incidents` | list | recorded refresh-token reuses as JSON, newest first | 90 days after the newest |
 */
export function sessionKeys(userId: string) {
  const prefix = `token:{${userId}}:`;
  return {
    sessions: `${prefix}sessions`,
    sessionPrefix: `${prefix}session:`,
    successorPrefix: `${prefix}successor:`,
    notBefore: `${prefix}not-before`,
    incidents: `${prefix}incidents`,
    session: (sessionId: string) => `${prefix}session:${sessionId}`,
    successor: (sessionId: string) => `${prefix}successor:${sessionId}`,
    denied: (jti: string) => `${prefix}denied:${jti}`,
  };
}
