import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccessTokenVerifier } from '../../auth/index.js';
import { ForbiddenError, type AccessClaims, type AuthUser } from '../../common/index.js';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { InvalidAccessTokenError } from '../../tokens/index.js';
import { QueueBoardSessionRequiredError } from '../admin.errors.js';

/** Session secret that the browser sends with each request, and its lifetime. */
export interface BoardSession {
  readonly secret: string;
  readonly ttlS: number;
}

const TTL_S = 1_800;

/**
 * Cookie sessions for Bull Board: a browser cannot send an access token when it opens a page, and the token must only
 * be sent in its header. A board session grants access to the board alone, and only until the login session in which
 * it was created has ended: that session and the role are checked at every request.
 */
@Injectable()
export class QueueBoardSessions {
  constructor(
    @InjectRedis('store') private readonly redis: RedisClient,
    private readonly verifier: AccessTokenVerifier,
  ) {}

  /** Opens a board session for an admin who has just been authenticated. */
  async open({ userId, sessionId, jti, issuedAtS }: AuthUser): Promise<BoardSession> {
    // A board session has its own expiration and may outlive the access token, but not the login session.
    const claims: AccessClaims = { userId, sessionId, jti, issuedAtS, expiresAtS: Number.MAX_SAFE_INTEGER };
    const secret = randomBytes(32).toString('base64url');
    await this.redis.set(keyOf(secret), JSON.stringify(claims), 'EX', TTL_S);
    return { secret, ttlS: TTL_S };
  }

  /**
   * Verifies a session secret; returns the id of its owner.
   * @throws QueueBoardSessionRequiredError when the session does not exist or has ended; ForbiddenError when its owner
   * is no longer an admin
   */
  async admit(secret: string | undefined): Promise<AuthUser['userId']> {
    const stored = secret === undefined ? null : await this.redis.get(keyOf(secret));
    if (stored === null) throw new QueueBoardSessionRequiredError();
    const claims = JSON.parse(stored) as AccessClaims;
    const { userId, role } = await this.verifier.authorize(claims).catch((error: unknown) => {
      throw error instanceof InvalidAccessTokenError ? new QueueBoardSessionRequiredError() : error;
    });
    if (role !== 'admin') throw new ForbiddenError();
    return userId;
  }
}

/** Redis key of a session. Contains only a hash: read access to Redis reveals no usable secret. */
function keyOf(secret: string): string {
  return `queue-board:${createHash('sha256').update(secret).digest('base64url')}`;
}
