import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, parseOptions, verify, type Options } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { ServiceUnavailableError } from '../../common/index.js';

/** OWASP minimum for argon2id (the package's default algorithm): 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options;

/** Concurrent hashes: each saturates a core, and libuv's four threads also serve file and DNS operations. */
const CONCURRENCY = Math.min(3, Math.max(2, availableParallelism() - 1));
/** Maximum queue length, about one second of hashing; further calls are rejected (503). */
const QUEUE = 40;

/** Hashes and verifies passwords: argon2id with bounded concurrency and queue. */
@Injectable()
export class PasswordHasher implements OnModuleInit {
  private readonly limit = pLimit(CONCURRENCY);
  private dummyHash: Promise<string> | undefined;

  /** @throws ServiceUnavailableError when the queue is full */
  async hash(password: string): Promise<string> {
    return this.queue(() => hash(normalizePassword(password), COST));
  }

  /**
   * Verifies a password; takes equally long without a hash (no such account, or an account without a password).
   * @throws ServiceUnavailableError when the queue is full
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const comparedHash = passwordHash ?? (await this.getDummyHash());
    const matches = await this.queue(() => verify(comparedHash, normalizePassword(password)));
    return matches && passwordHash !== null;
  }

  /** Whether a hash is cheaper to attack than a new one, for instance because `COST` has been raised since. */
  isWeak(passwordHash: string): boolean {
    const { memoryCost, timeCost } = parseOptions(passwordHash);
    const isCurrentType = passwordHash.startsWith('$argon2id$v=19$');
    return !isCurrentType || memoryCost < COST.memoryCost || timeCost < COST.timeCost;
  }

  /** Computes the dummy hash, which matches no password, before the first login needs it. */
  async onModuleInit(): Promise<void> {
    await this.getDummyHash();
  }

  private getDummyHash(): Promise<string> {
    this.dummyHash ??= hash(randomUUID(), COST);
    return this.dummyHash;
  }

  private queue<T>(work: () => Promise<T>): Promise<T> {
    if (this.limit.pendingCount >= QUEUE) throw new ServiceUnavailableError();
    return this.limit(work);
  }
}

/** NFKC normalization: Hangul typed as NFC (Windows) and as NFD (macOS) yields the same password. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}
