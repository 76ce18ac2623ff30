/** Role of a user, the same for the whole API. */
export type Role = 'user' | 'admin';

/** Rate limit tier; decides the user's requests per minute. */
export type Tier = 'user' | 'premium' | 'admin';

/** Claims of an access token, as read from its payload. */
export interface AccessClaims {
  /** UUID of the user (`sub`). */
  readonly userId: string;
  /** UUID of the device session (`sid`). */
  readonly sessionId: string;
  /** Id of the token; its key in the blacklist. */
  readonly jti: string;
  /** Issue time (`iat`), in seconds since 1970. */
  readonly issuedAtS: number;
  /** Expiration time (`exp`), in seconds since 1970. */
  readonly expiresAtS: number;
}

/** The authenticated caller: claims of a valid access token, and the user's current permissions. */
export interface AuthUser extends AccessClaims {
  readonly role: Role;
  readonly tier: Tier;
}
