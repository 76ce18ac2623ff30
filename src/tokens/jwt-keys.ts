import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtSecretRequestType, type JwtModuleOptions } from '@nestjs/jwt';
import { Env } from '../config/index.js';
import { InvalidAccessTokenError } from './tokens.errors.js';

export const ALGORITHM = 'HS256';
/** `typ` header (RFC 9068); distinguishes access tokens from other JWTs. */
export const TYPE = 'at+jwt';

/** A signing secret and its public key id. */
interface JwtKey {
  /** `kid`: the first 16 hex digits of the secret's SHA-256. */
  readonly id: string;
  readonly secret: KeyObject;
}

/** The keys of `JWT_KEYS`: the first signs, all verify; no other key is accepted. */
@Injectable()
export class JwtKeys {
  readonly signing: JwtKey;
  private readonly byId: ReadonlyMap<unknown, JwtKey>;

  constructor(env: Env) {
    const [first, ...previous] = env.jwtKeys;
    this.signing = toKey(first);
    this.byId = new Map([this.signing, ...previous.map(toKey)].map((key) => [key.id, key]));
  }

  /**
   * Looks up the key named by the `kid` of the token's header in `JWT_KEYS`; ignores a `jwk`, `jku` or `x5c` header.
   * @throws InvalidAccessTokenError when algorithm, type or key id is not one of ours
   */
  keyOf(token: string): KeyObject {
    const { alg, typ, kid } = headerOf(token);
    const key = this.byId.get(kid);
    if (alg !== ALGORITHM || typ !== TYPE || key === undefined) throw new InvalidAccessTokenError();
    return key.secret;
  }

  /** Options for a `JwtService` that uses these keys. */
  asOptions(): JwtModuleOptions {
    return {
      secretOrKeyProvider: (request, token) =>
        request === JwtSecretRequestType.SIGN ? this.signing.secret : this.keyOf(token as string),
    };
  }
}

function toKey(secret: string): JwtKey {
  const id = createHash('sha256').update(secret).digest('hex').slice(0, 16);
  return { id, secret: createSecretKey(Buffer.from(secret)) };
}

function headerOf(token: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
