import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, parseOptions, verify, type Options } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { ServiceUnavailableError } from '../../common/index.js';

/** OWASP's least for argon2id: 19 MiB, two passes, one lane. The package's default algorithm is argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options;

/** Hashes at a time: each fills a core, and libuv's four threads serve files and DNS as well. */
const CONCURRENCY = Math.min(3, Math.max(2, availableParallelism() - 1));
/** Hashes that wait at most, about a second's worth; whoever comes later is told to come back. */
const QUEUE = 40;

/** Hashes and checks passwords: argon2id, a bounded number at a time. */
@Injectable()
export class PasswordHasher implements OnModuleInit {
  private readonly limit = pLimit(CONCURRENCY);
  private dummyHash: Promise<string> | undefined;

  /** @throws ServiceUnavailableError when too many hashes wait already */
  async hash(password: string): Promise<string> {
    return this.queue(() => hash(normalizePassword(password), COST));
  }

  /**
   * Takes as long without a hash (no such account, or one without a password) as with one.
   * @throws ServiceUnavailableError when too many hashes wait already
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const against = passwordHash ?? (await this.getDecoy());
    const matches = await this.queue(() => verify(against, normalizePassword(password)));
    return matches && passwordHash !== null;
  }

  /** Whether a hash is cheaper to attack than those made now, after `COST` has grown for instance. */
  isWeak(passwordHash: string): boolean {
    const { memoryCost, timeCost } = parseOptions(passwordHash);
    const isOfKind = passwordHash.startsWith('$argon2id$v=19$');
    return !isOfKind || memoryCost < COST.memoryCost || timeCost < COST.timeCost;
  }

  /** A hash that nobody's password has, made before the first login needs it. */
  async onModuleInit(): Promise<void> {
    await this.getDecoy();
  }

  private getDecoy(): Promise<string> {
    this.dummyHash ??= hash(randomUUID(), COST);
    return this.dummyHash;
  }

  private queue<T>(work: () => Promise<T>): Promise<T> {
    if (this.limit.pendingCount >= QUEUE) throw new ServiceUnavailableError();
    return this.limit(work);
  }
}

/** One spelling for what looks the same: Hangul typed as NFC (Windows) and as NFD (macOS) logs in alike. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}
