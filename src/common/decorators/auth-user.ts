/** What a user may do everywhere. */
export type Role = 'user' | 'admin';

/** How many requests a minute a user has. */
export type Tier = 'user' | 'premium' | 'admin';

/** Who calls, as the access token and the session say; filled in by the guard in `auth`. */
export interface AuthUser {
  /** UUID of the user. */
  readonly id: string;
  readonly role: Role;
  readonly tier: Tier;
  /** UUID of the device session. */
  readonly sessionId: string;
  /** Id of the access token, the key of the blacklist. */
  readonly jti: string;
  /** When the access token was issued, in seconds since 1970. */
  readonly issuedAt: number;
  /** When the access token expires, in seconds since 1970. */
  readonly expiresAt: number;
}
