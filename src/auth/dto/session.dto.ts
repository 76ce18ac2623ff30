import type { Session } from '../../tokens/index.js';

/** Login session of a device. */
export class SessionDto {
  /**
   * UUID of the session.
   * @example '3f6b0d0e-4b53-4f6e-9a3e-52a6f8d1c7b2'
   */
  id!: string;

  /**
   * Device name given at login; null if none was given.
   * @example '미나의 휴대폰'
   */
  device!: string | null;

  /** Time of the login. */
  createdAt!: Date;

  /** Time of the last use, to the minute. */
  lastUsedAt!: Date;

  /** Expiration time unless the session is used. */
  expiresAt!: Date;

  /** Whether this is the session of the request. */
  current!: boolean;

  static from({ id, device, createdAtMs, usedAtMs, expiresAtMs }: Session, currentId: string): SessionDto {
    return Object.assign(new SessionDto(), {
      id,
      device: device === '' ? null : device,
      createdAt: new Date(createdAtMs),
      lastUsedAt: new Date(usedAtMs),
      expiresAt: new Date(expiresAtMs),
      current: id === currentId,
    });
  }
}
