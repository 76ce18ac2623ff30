/** A device a user is signed in on. Times are milliseconds since 1970. */
export interface Session {
  readonly id: string;
  /** What the client called itself at login; empty when it did not. */
  readonly device: string;
  readonly createdAtMs: number;
  /** Last login, reissue or request, to the minute. */
  readonly usedAtMs: number;
  /** When it ends unless used. */
  readonly expiresAtMs: number;
}

/** A theft of a refresh token that ended a session. */
export interface Incident {
  readonly kind: 'refresh-token-reused';
  readonly sessionId: string;
  readonly atMs: number;
}

/** What a token pair is made of, by the server's clock. */
export interface Grant {
  /** Second since 1970 at which the access token is issued. */
  readonly issuedAtS: number;
  /** Until when the refresh token may be used. */
  readonly refreshTtlMs: number;
}

/** A session as it was a moment ago, and the latest moment a rotation of it may still happen. */
export interface Inspection {
  readonly markKey: string;
  /** Whether the presented token is the one in force or the one before it. */
  readonly recent: boolean;
  /** The last moment, by the server's clock, at which somebody still waits for a rotation sent now. */
  readonly deadlineMs: () => number;
}

/** What the store says of an access token whose signature has been verified. */
export type AccessVerdict = 'accepted' | 'expired' | 'revoked';

export type Rotation =
  | { readonly outcome: 'rotated' | 'repeated'; readonly grant: Grant; readonly sealedSuccessor: string }
  | { readonly outcome: 'kept'; readonly grant: Grant }
  | { readonly outcome: 'stolen' | 'unknown' | 'gone' | 'late' };

/** Reads the reply of `CHECK_ACCESS`. */
export function toVerdict(reply: unknown): AccessVerdict {
  return reply === 1 ? 'accepted' : reply === 2 ? 'expired' : 'revoked';
}

/** Reads the times that a script replies with. */
export function toGrant([issuedAtS, expiresAtMs, nowMs]: readonly [number, number, number]): Grant {
  return { issuedAtS, refreshTtlMs: expiresAtMs - nowMs };
}

/** Reads the reply of `ROTATE_SESSION`. */
export function toRotation([outcome, ...rest]: readonly [Rotation['outcome'], ...unknown[]]): Rotation {
  const [issuedAtS, expiresAtMs, nowMs, sealedSuccessor] = rest as [number, number, number, string];
  switch (outcome) {
    case 'rotated':
    case 'repeated':
      return { outcome, grant: toGrant([issuedAtS, expiresAtMs, nowMs]), sealedSuccessor };
    case 'kept':
      return { outcome, grant: toGrant([issuedAtS, expiresAtMs, nowMs]) };
    default:
      return { outcome };
  }
}
