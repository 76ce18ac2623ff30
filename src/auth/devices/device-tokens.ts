import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Env } from '../../config/index.js';

const ID_BYTES = 18;
const TAG_BYTES = 18;
/** 36 bytes: a multiple of three, so base64url has no spare bits and each token exactly one spelling. */
const FORM = /^[A-Za-z0-9_-]{48}$/;

/**
 * Device tokens: proof that a device has signed in to an account before (OWASP, "Slow Down Online Guessing Attacks with
 * Device Cookies"). A token is base64url of a random id of the device (18 bytes) and an HMAC-SHA-256 of account and id
 * (18 bytes). It opens nothing: it says by whose failures a login is slowed down. It has no expiry of its own and is
 * good until its key is removed from `JWT_KEYS`; each login signs it anew with the first key.
 */
@Injectable()
export class DeviceTokens {
  private readonly keys: readonly [Buffer, ...Buffer[]];

  constructor({ jwtKeys: [first, ...others] }: Env) {
    this.keys = [keyOf(first), ...others.map(keyOf)];
  }

  /**
   * The id of the device that holds the token.
   * @param token whatever the client sent
   * @returns null when the token does not say that the device has signed in to this account
   */
  deviceOf(token: string | undefined, account: string): string | null {
    if (token === undefined || !FORM.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const [id, tag] = [bytes.subarray(0, ID_BYTES), bytes.subarray(ID_BYTES)];
    const isOurs = this.keys.some((key) => timingSafeEqual(tag, tagOf(key, account, id)));
    return isOurs ? id.toString('base64url') : null;
  }

  /** A token for a device that has just signed in; the device keeps its id. */
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
