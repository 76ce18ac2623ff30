/** Role of a user, the same for the whole API. */
export type Role = 'user' | 'admin';

/** Rate limit tier; decides the user's requests per minute. */
export type Tier = 'user' | 'premium' | 'admin';

/** The authenticated caller; set by the guard in `auth` from the access token and the session. */
export interface AuthUser {
  /** UUID of the user. */
  readonly id: string;
  readonly role: Role;
  readonly tier: Tier;
  /** UUID of the device session. */
  readonly sessionId: string;
  /** Id of the access token; its key in the blacklist. */
  readonly jti: string;
  /** Issue time of the access token, in seconds since 1970. */
  readonly issuedAt: number;
  /** Expiration time of the access token, in seconds since 1970. */
  readonly expiresAt: number;
}
