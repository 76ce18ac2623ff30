import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Env } from '../../config/index.js';

const ID_BYTES = 18;
const TAG_BYTES = 18;
/** 36 bytes: a multiple of three, so base64url has no spare bits and each token has exactly one encoding. */
const FORMAT = /^[A-Za-z0-9_-]{48}$/;

/**
 * Device tokens: proof that a device has logged in to an account before (OWASP, "Slow Down Online Guessing Attacks with
 * Device Cookies"). A token is base64url of a random device id (18 bytes) and an HMAC-SHA-256 of id and account (18
 * bytes). It grants no access; it only selects the failure counters that throttle a login. It has no expiration of its
 * own and is valid until its key is removed from `JWT_KEYS`; each login signs it again with the first key.
 */
@Injectable()
export class DeviceTokens {
  private readonly keys: readonly [Buffer, ...Buffer[]];

  constructor({ jwtKeys: [first, ...others] }: Env) {
    this.keys = [keyOf(first), ...others.map(keyOf)];
  }

  /**
   * Verifies a device token.
   * @param token as sent by the client
   * @returns the device id; null unless the token was issued for a login of the device to this account
   */
  deviceOf(token: string | undefined, account: string): string | null {
    if (token === undefined || !FORMAT.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const [id, tag] = [bytes.subarray(0, ID_BYTES), bytes.subarray(ID_BYTES)];
    const isValid = this.keys.some((key) => timingSafeEqual(tag, tagOf(key, account, id)));
    return isValid ? id.toString('base64url') : null;
  }

  /** Issues a token for a device that has just logged in, with its existing id if it has one. */
  issue(account: string, device: string | null): string {
    const id = device === null ? randomBytes(ID_BYTES) : Buffer.from(device, 'base64url');
    return Buffer.concat([id, tagOf(this.keys[0], account, id)]).toString('base64url');
  }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'ecogreen device token', 32));
}

function tagOf(key: Buffer, account: string, id: Buffer): Buffer {
  return createHmac('sha256', key).update(id).update(account).digest().subarray(0, TAG_BYTES);
}
