import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccessTokenVerifier } from '../../auth/index.js';
import { ForbiddenError, type AuthUser } from '../../common/index.js';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { InvalidAccessTokenError, TokenService, type AccessClaims } from '../../tokens/index.js';
import { QueueBoardSessionRequiredError } from '../admin.errors.js';

/** What a browser shows at each request, and how long it may. */
export interface BoardSession {
  readonly secret: string;
  readonly ttlS: number;
}

const TTL_S = 1_800;

/**
 * Passes for Bull Board: a browser cannot send an access token when it opens a page, and the token goes nowhere but
 * into its header. A pass opens nothing but the board, and nothing once the session it was given in has ended: that,
 * and the role, are asked for at every request.
 */
@Injectable()
export class QueueBoardSessions {
  constructor(
    @InjectRedis('store') private readonly redis: RedisClient,
    private readonly tokens: TokenService,
    private readonly check: AccessTokenVerifier,
  ) {}

  /**
   * @param accessToken of an admin
   * @throws AccessTokenExpiredError, InvalidAccessTokenError
   */
  async open(accessToken: string): Promise<BoardSession> {
    const claims = await this.tokens.authenticate(accessToken);
    const secret = randomBytes(32).toString('base64url');
    await this.redis.set(keyOf(secret), JSON.stringify(claims), 'EX', TTL_S);
    return { secret, ttlS: TTL_S };
  }

  /**
   * Who shows the pass.
   * @throws QueueBoardSessionRequiredError when it is none, or none any more; ForbiddenError when its owner is no admin any more
   */
  async admit(secret: string | undefined): Promise<AuthUser['id']> {
    const kept = secret === undefined ? null : await this.redis.get(keyOf(secret));
    if (kept === null) throw new QueueBoardSessionRequiredError();
    // The pass has an expiry of its own and may outlive the access token, but not the session.
    const claims = { ...(JSON.parse(kept) as AccessClaims), expiresAtS: Number.MAX_SAFE_INTEGER };
    const { id, role } = await this.check.authorize(claims).catch((error: unknown) => {
      throw error instanceof InvalidAccessTokenError ? new QueueBoardSessionRequiredError() : error;
    });
    if (role !== 'admin') throw new ForbiddenError();
    return id;
  }
}

/** Whoever reads Redis finds nothing there to show. */
function keyOf(secret: string): string {
  return `queue-board:${createHash('sha256').update(secret).digest('base64url')}`;
}
