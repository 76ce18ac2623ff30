/** Access token and refresh token. */
export class TokenPairDto {
  /**
   * Authorization scheme of the access token.
   * @example 'Bearer'
   */
  tokenType!: 'Bearer';

  /**
   * Access token; send it only as `Authorization: Bearer …`.
   * @example 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI3ZjBjMmE5YiJ9.c2lnbmF0dXJl'
   */
  accessToken!: string;

  /**
   * Lifetime of the access token in seconds.
   * @example 600
   */
  expiresIn!: number;

  /**
   * Refresh token; send it as `Refresh: …` to reissue and logout only. Rotated by each reissue. Absent with the cookie
   * transport.
   * @example 'fwwqm2seTEOfUgGY16IfDAGY16JrHnxDn1IfDCqb4AF5m1vS0T3xQp8Zk2uN7wYcRa6eLhBdGj4iOqXnMsVtKw'
   */
  refreshToken?: string;

  /**
   * Lifetime of the refresh token in seconds, unless it is used.
   * @example 1209600
   */
  refreshExpiresIn!: number;

  /**
   * Device token, at login only: store it, also after a logout, and send it with the next login to this account on this
   * device. It grants no access. Absent with the cookie transport.
   * @example 'kq3v0Z8rXb1mT5yNw7cLs2HdGj4iOqXnMsVtKwpQ9aEfUgRz'
   */
  deviceToken?: string;
}
