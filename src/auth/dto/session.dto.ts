import type { Session } from '../../tokens/index.js';

/** A device you are signed in on. */
export class SessionDto {
  /**
   * UUID of the session.
   * @example '3f6b0d0e-4b53-4f6e-9a3e-52a6f8d1c7b2'
   */
  id!: string;

  /**
   * What the device called itself at login; null when it did not.
   * @example '미나의 휴대폰'
   */
  device!: string | null;

  /** Time of the login. */
  createdAt!: Date;

  /** Last use, to the minute. */
  lastUsedAt!: Date;

  /** When it ends unless used. */
  expiresAt!: Date;

  /** Whether it is the session that asks. */
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
