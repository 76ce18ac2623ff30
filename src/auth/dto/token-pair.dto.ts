/** What a client needs to call the service. */
export class TokenPairDto {
  /** @example 'Bearer' */
  tokenType!: 'Bearer';

  /** To be sent as `Authorization: Bearer …`, and nowhere else. */
  accessToken!: string;

  /**
   * Seconds until the access token expires.
   * @example 600
   */
  expiresIn!: number;

  /** To be sent as `Refresh: …` to reissue and logout only; spent by each reissue. Absent with the cookie transport. */
  refreshToken?: string;

  /**
   * Seconds until the refresh token expires unless used.
   * @example 1209600
   */
  refreshExpiresIn!: number;
}
