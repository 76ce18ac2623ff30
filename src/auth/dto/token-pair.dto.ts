/** What a client needs to call the service. */
export class TokenPairDto {
  /**
   * How the access token is to be sent.
   * @example 'Bearer'
   */
  tokenType!: 'Bearer';

  /**
   * To be sent as `Authorization: Bearer …`, and nowhere else.
   * @example 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI3ZjBjMmE5YiJ9.c2lnbmF0dXJl'
   */
  accessToken!: string;

  /**
   * Seconds until the access token expires.
   * @example 600
   */
  expiresIn!: number;

  /**
   * To be sent as `Refresh: …` to reissue and logout only; spent by each reissue. Absent with the cookie transport.
   * @example 'fwwqm2seTEOfUgGY16IfDAGY16JrHnxDn1IfDCqb4AF5m1vS0T3xQp8Zk2uN7wYcRa6eLhBdGj4iOqXnMsVtKw'
   */
  refreshToken?: string;

  /**
   * Seconds until the refresh token expires unless used.
   * @example 1209600
   */
  refreshExpiresIn!: number;

  /**
   * At login only: store it, also after a logout, and send it with the next login to this account on this device. It
   * grants no access. Absent with the cookie transport.
   * @example 'kq3v0Z8rXb1mT5yNw7cLs2HdGj4iOqXnMsVtKwpQ9aEfUgRz'
   */
  deviceToken?: string;
}
