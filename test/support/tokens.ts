import { Logger } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { AccessClaims } from '../../src/common/index.js';
import { loadEnv } from '../../src/config/index.js';
import { RedisConnections, type RedisClient } from '../../src/redis/index.js';
import { AccessTokens } from '../../src/tokens/access-tokens.js';
import { JwtKeys } from '../../src/tokens/jwt-keys.js';
import { SessionStore } from '../../src/tokens/session-store.js';
import { TokenService } from '../../src/tokens/token.service.js';

/** Signing keys; the first signs, the second is the previous one. */
export const TEST_KEYS = ['key-for-tests-Vw5nKc8RtZ2mQx7LbY4d', 'key-before-it-Hs9pGf3JzD6vTk2WrN8c'] as const;

/** The token services of one instance of the application. */
export interface TestTokens {
  readonly tokens: TokenService;
  readonly sessions: SessionStore;
  readonly access: AccessTokens;
  /** Connection of this instance. */
  readonly redis: RedisClient;
  /** Verifies an access token, and checks its expiration and revocation. */
  authenticate(accessToken: string): Promise<AccessClaims>;
  close(): Promise<void>;
}

/** Opens one more instance on the Redis at `url`; `env` are settings that differ from the defaults. */
export async function openTokens(url: string, env: Record<string, string> = {}): Promise<TestTokens> {
  Logger.overrideLogger(false);
  const settings = loadEnv({ DATABASE_URL: 'postgres://unused', REDIS_URL: url, JWT_KEYS: TEST_KEYS.join(','), ...env });
  const connections = new RedisConnections();
  const redis = connections.open('store', url);
  await connections.onApplicationBootstrap();
  const keys = new JwtKeys(settings);
  const access = new AccessTokens(new JwtService(keys.asOptions()), keys, settings);
  const sessions = new SessionStore(redis, settings);
  const tokens = new TokenService(access, sessions);
  const authenticate = async (accessToken: string) => {
    const claims = access.verify(accessToken);
    await tokens.check(claims);
    return claims;
  };
  return { tokens, sessions, access, redis, authenticate, close: () => connections.onApplicationShutdown() };
}
