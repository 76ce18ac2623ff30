import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const ID_BYTES = 16;
const SECRET_BYTES = 32;
const MAC_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** 72 bytes: a multiple of three, so base64url has no spare bits and each token has exactly one encoding. */
const FORMAT = /^[A-Za-z0-9_-]{96}$/;

/**
 * A refresh token, opaque to clients: base64url of user id (16 bytes), session id (16), random secret (32) and MAC (8).
 * The MAC is an HMAC of the secret under a key stored with the session. It distinguishes tokens the session once issued
 * from forged ones, so that a forged token cannot end a session by triggering reuse detection. It grants no access:
 * a token is accepted only by the SHA-256 of all its bytes.
 */
export class RefreshToken {
  private constructor(private readonly bytes: Buffer) {}

  /** @param macKey MAC key of the session, base64url */
  static create(userId: string, sessionId: string, macKey: string): RefreshToken {
    const secret = randomBytes(SECRET_BYTES);
    return new RefreshToken(Buffer.concat([toBytes(userId), toBytes(sessionId), secret, mac(macKey, secret)]));
  }

  /** @returns null when the text does not have the format of a refresh token */
  static parse(text: string): RefreshToken | null {
    return FORMAT.test(text) ? new RefreshToken(Buffer.from(text, 'base64url')) : null;
  }

  get userId(): string {
    return toUuid(this.bytes.subarray(0, ID_BYTES));
  }

  get sessionId(): string {
    return toUuid(this.bytes.subarray(ID_BYTES, 2 * ID_BYTES));
  }

  /** SHA-256 of the token, base64url; stored instead of the token. */
  get hash(): string {
    return createHash('sha256').update(this.bytes).digest('base64url');
  }

  /** Whether the session that owns `macKey` issued this token. */
  verifyMac(macKey: string): boolean {
    const secret = this.bytes.subarray(2 * ID_BYTES, 2 * ID_BYTES + SECRET_BYTES);
    return timingSafeEqual(mac(macKey, secret), this.bytes.subarray(2 * ID_BYTES + SECRET_BYTES));
  }

  /** Encrypts the successor under a key derived from this token (AES-256-GCM): only its holder can decrypt it. */
  seal(successor: RefreshToken): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.sealingKey(), nonce);
    const text = Buffer.concat([cipher.update(successor.bytes), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
  }

  /** Decrypts a successor sealed by this token. */
  unseal(sealed: string): RefreshToken {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.sealingKey(), bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const opened = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return new RefreshToken(opened);
  }

  toString(): string {
    return this.bytes.toString('base64url');
  }

  private sealingKey(): Buffer {
    return Buffer.from(hkdfSync('sha256', this.bytes, '', 'ecogreen refresh token successor', 32));
  }
}

/** Generates the MAC key of a session (128 random bits, base64url). */
export function createMacKey(): string {
  return randomBytes(16).toString('base64url');
}

function mac(macKey: string, secret: Buffer): Buffer {
  return createHmac('sha256', macKey).update(secret).digest().subarray(0, MAC_BYTES);
}

function toBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function toUuid(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
