/** A login of a user on a device. Times are milliseconds since 1970. */
export interface Session {
  readonly id: string;
  /** Device name sent by the client at login; empty if none. */
  readonly device: string;
  readonly createdAtMs: number;
  /** Time of the last login, reissue or request; accurate to a minute. */
  readonly usedAtMs: number;
  /** Expiration time unless used before. */
  readonly expiresAtMs: number;
}

/** A detected refresh-token reuse that ended a session. */
export interface Incident {
  readonly kind: 'refresh-token-reused';
  readonly sessionId: string;
  readonly atMs: number;
}

/** Times of a token pair, by the clock of the Redis server. */
export interface Grant {
  /** Issue time of the access token, in seconds since 1970. */
  readonly issuedAtS: number;
  /** Remaining lifetime of the refresh token. */
  readonly refreshTtlMs: number;
}

/** State of a session before a rotation, and the deadline of that rotation. */
export interface Inspection {
  readonly macKey: string;
  /** Whether the presented token is the current or the previous one. */
  readonly recent: boolean;
  /** Latest execution time of a rotation sent now, in ms since 1970 by the server's clock; its caller waits longer. */
  readonly deadlineMs: () => number;
}

/** Result of the revocation and expiration check of an access token whose signature has been verified. */
export type AccessVerdict = 'accepted' | 'expired' | 'revoked';

export type Rotation =
  | { readonly outcome: 'rotated' | 'repeated'; readonly grant: Grant; readonly sealedSuccessor: string }
  | { readonly outcome: 'unchanged'; readonly grant: Grant }
  | { readonly outcome: 'reused' | 'unknown' | 'not-found' | 'deadline-exceeded' };

/** Parses the reply of `CHECK_ACCESS`. */
export function toVerdict(reply: unknown): AccessVerdict {
  return reply === 1 ? 'accepted' : reply === 2 ? 'expired' : 'revoked';
}

/** Parses the times in the reply of `OPEN_SESSION` or `ROTATE_SESSION`. */
export function toGrant([issuedAtS, expiresAtMs, nowMs]: readonly [number, number, number]): Grant {
  return { issuedAtS, refreshTtlMs: expiresAtMs - nowMs };
}

/** Parses the reply of `ROTATE_SESSION`. */
export function toRotation([outcome, ...rest]: readonly [Rotation['outcome'], ...unknown[]]): Rotation {
  const [issuedAtS, expiresAtMs, nowMs, sealedSuccessor] = rest as [number, number, number, string];
  switch (outcome) {
    case 'rotated':
    case 'repeated':
      return { outcome, grant: toGrant([issuedAtS, expiresAtMs, nowMs]), sealedSuccessor };
    case 'unchanged':
      return { outcome, grant: toGrant([issuedAtS, expiresAtMs, nowMs]) };
    default:
      return { outcome };
  }
}
