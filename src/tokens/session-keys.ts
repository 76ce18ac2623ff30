const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUID in its one canonical spelling: nothing else may become part of a key. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/**
 * Names of everything Redis holds about a user's tokens, in one hash slot, `{userId}`: one script may touch them all.
 *
 * | key | type | holds | lives |
 * |---|---|---|---|
 * | `…:sessions` | sorted set | session ids by time of login (µs) | as long as its longest session |
 * | `…:session:<id>` | hash | see `open-session.script.ts` | idle expiry, at most absolute expiry |
 * | `…:successor:<id>` | text | the newest refresh token, sealed under the one before | the reuse window |
 * | `…:denied:<jti>` | text | nothing: the access token is on the blacklist | the token's remaining life |
 * | `…:not-before` | text | second since 1970; access tokens issued earlier are void | a day, like the longest token |
 * | `…:incidents` | list | the last thefts of refresh tokens, newest first, as JSON | 90 days |
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
