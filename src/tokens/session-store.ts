import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import type { AccessClaims } from '../common/index.js';
import { Env } from '../config/index.js';
import { COMMAND_TIMEOUTS_MS, InjectRedis, type RedisClient, type ScriptCall } from '../redis/index.js';
import type { RefreshToken } from './refresh-token.js';
import { CHECK_ACCESS } from './scripts/check-access.script.js';
import { END_SESSION } from './scripts/end-session.script.js';
import { END_SESSIONS } from './scripts/end-sessions.script.js';
import { INSPECT_SESSION } from './scripts/inspect-session.script.js';
import { LIST_SESSIONS } from './scripts/list-sessions.script.js';
import { OPEN_SESSION } from './scripts/open-session.script.js';
import { ROTATE_SESSION } from './scripts/rotate-session.script.js';
import { SESSION_AGE } from './scripts/session-age.script.js';
import { isUuid, sessionKeys } from './session-keys.js';
import {
  toGrant, toRotation, toVerdict,
  type AccessVerdict, type Grant, type Incident, type Inspection, type Rotation, type Session,
} from './session-replies.js';

/** Deadline of a rotation: 100 ms before the command times out, so that the caller receives the reply of each one. */
const ROTATION_BUDGET_MS = COMMAND_TIMEOUTS_MS.store - 100;
/** Maximum sessions per user, more than a user has devices; opening another ends the oldest. */
const MAX_SESSIONS = 20;
/** Maximum of `ACCESS_TOKEN_TTL` (1 day): afterwards every token issued before the not-before has expired. */
const NOT_BEFORE_TTL_MS = 86_400_000;

/** Key and expiration of an access token in the blacklist. */
type BlacklistEntry = Pick<AccessClaims, 'jti' | 'expiresAtS'>;
const NO_TOKEN: BlacklistEntry = { jti: 'none', expiresAtS: 0 };

/**
 * Sessions in the durable Redis. Each method is one atomic operation and one round trip. Redis errors propagate
 * (503) and never count as a successful check.
 */
@Injectable()
export class SessionStore {
  constructor(
    @InjectRedis('store') private readonly redis: RedisClient,
    private readonly env: Env,
  ) {}

  /** Opens a session; ends the oldest when the user would have more than 20. */
  async open(token: RefreshToken, macKey: string, device: string): Promise<Grant> {
    const { userId, sessionId } = token;
    const keys = sessionKeys(userId);
    const { refreshTokenTtlMs, refreshTokenMaxTtlMs } = this.env;
    const reply = await OPEN_SESSION.run(
      this.redis,
      [keys.sessions, keys.session(sessionId), keys.notBefore],
      [
        ...[sessionId, token.hash, macKey, device, refreshTokenTtlMs, refreshTokenMaxTtlMs, MAX_SESSIONS],
        ...[keys.sessionPrefix, keys.successorPrefix],
      ],
    );
    return toGrant(reply as [number, number, number]);
  }

  /**
   * Checks that the access token has not expired, its session is alive, its `jti` is not blacklisted, and it was not
   * issued before the user's not-before.
   * @param next script to run in the same atomic step if the token is accepted; its keys must be in the hash slot of
   * the user, `{userId}`
   * @returns the verdict, and the reply of `next`
   */
  async verify(claims: AccessClaims, next?: ScriptCall): Promise<readonly [verdict: AccessVerdict, reply?: unknown]> {
    const { userId, sessionId, jti, issuedAtS, expiresAtS } = claims;
    const keys = sessionKeys(userId);
    const keysRead = [keys.session(sessionId), keys.denied(jti), keys.notBefore];
    const times = [issuedAtS, expiresAtS];
    if (next === undefined) return [toVerdict(await CHECK_ACCESS.run(this.redis, keysRead, times))];
    const both = CHECK_ACCESS.followedBy(next.script, { keys: keysRead.length, args: times.length });
    const reply = await both.run(this.redis, [...keysRead, ...next.keys], [...times, ...next.args]);
    const [verdict, nextReply] = reply as [number, unknown];
    return [toVerdict(verdict), nextReply];
  }

  /** Reads the session of a refresh token without changing it; null when there is none. */
  async inspect({ userId, sessionId, hash }: RefreshToken): Promise<Inspection | null> {
    const reply = await INSPECT_SESSION.run(this.redis, [sessionKeys(userId).session(sessionId)], [hash]);
    const receivedAtMs = performance.now();
    if (reply === null) return null;
    const [macKey, recent, serverMs] = reply as [string, number, number];
    const deadlineMs = () => Math.floor(serverMs + (performance.now() - receivedAtMs) + ROTATION_BUDGET_MS);
    return { macKey, recent: recent === 1, deadlineMs };
  }

  /** Rotates `presented` to `successor`, or returns the reason it did not; see `rotate-session.script.ts`. */
  async rotate(presented: RefreshToken, successor: RefreshToken, inspection: Inspection): Promise<Rotation> {
    const { macKey, deadlineMs } = inspection;
    const { userId, sessionId } = presented;
    const keys = sessionKeys(userId);
    const reply = await ROTATE_SESSION.run(
      this.redis,
      [keys.session(sessionId), keys.successor(sessionId), keys.sessions, keys.notBefore, keys.incidents],
      [
        ...[sessionId, presented.hash, presented.verifyMac(macKey) ? 1 : 0, successor.hash],
        ...[presented.seal(successor), this.env.refreshTokenTtlMs, this.env.refreshReuseWindowMs, deadlineMs()],
      ],
    );
    return toRotation(reply as [Rotation['outcome'], ...unknown[]]);
  }

  /**
   * Ends one session.
   * @param accessToken also blacklisted, until it expires
   * @returns false when the user has no such session
   */
  async end(userId: string, sessionId: string, accessToken: BlacklistEntry = NO_TOKEN): Promise<boolean> {
    if (!isUuid(sessionId)) return false;
    const { jti, expiresAtS } = accessToken;
    const keys = sessionKeys(userId);
    const changed = [keys.session(sessionId), keys.successor(sessionId), keys.sessions, keys.denied(jti)];
    return (await END_SESSION.run(this.redis, changed, [sessionId, expiresAtS])) === 1;
  }

  /** Ends all sessions of a user except one. */
  async endOthers(userId: string, sessionId: string): Promise<void> {
    await this.endAllExcept(userId, sessionId);
  }

  /** Ends all sessions of a user and revokes every access token issued until now. */
  async endAll(userId: string): Promise<void> {
    await this.endAllExcept(userId, '');
  }

  /** Live sessions, newest login first; at most 20. */
  async list(userId: string): Promise<Session[]> {
    const keys = sessionKeys(userId);
    const reply = await LIST_SESSIONS.run(this.redis, [keys.sessions], [keys.sessionPrefix]);
    return (reply as [string, string, string, string, number][]).map(
      ([id, device, createdAt, usedAt, expiresAtMs]) => ({
        id,
        device,
        createdAtMs: Number(createdAt),
        usedAtMs: Number(usedAt),
        expiresAtMs,
      }),
    );
  }

  /** Milliseconds since the session was opened; Infinity when there is none. */
  async ageMs(userId: string, sessionId: string): Promise<number> {
    const age = await SESSION_AGE.run(this.redis, [sessionKeys(userId).session(sessionId)], []);
    return age === null ? Infinity : Number(age);
  }

  /** Recorded refresh-token reuses, newest first; at most 50, stored until 90 days after the newest. */
  async listIncidents(userId: string): Promise<Incident[]> {
    const records = await this.redis.lrange(sessionKeys(userId).incidents, 0, -1);
    return records.map((record) => {
      const { kind, sessionId, at } = JSON.parse(record) as { kind: Incident['kind']; sessionId: string; at: number };
      return { kind, sessionId, atMs: at };
    });
  }

  private async endAllExcept(userId: string, sessionId: string): Promise<void> {
    const { sessions, notBefore, sessionPrefix, successorPrefix } = sessionKeys(userId);
    const values = [sessionId, NOT_BEFORE_TTL_MS, sessionPrefix, successorPrefix];
    await END_SESSIONS.run(this.redis, [sessions, notBefore], values);
  }
}
