import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { Transactional } from '@nestjs-cls/transactional';
import { Cacheable, CacheEvict } from '../cache/index.js';
import type { Role, Tier } from '../common/index.js';
import { isReservedNickname } from './reserved-nicknames.js';
import type { User } from './user.entity.js';
import { NicknameTakenError, UserNotFoundError } from './users.errors.js';
import { UserRenamed, UserWithdrawn } from './users.events.js';
import { UsersRepository } from './users.repository.js';

/** What a user may do, and how often. */
export interface Permissions {
  readonly role: Role;
  readonly tier: Tier;
}

/** What a login is checked against. */
export interface Credentials {
  readonly id: string;
  /** Null for an account without a password. */
  readonly passwordHash: string | null;
}

/** Accounts: who there is, by which name, and with which rights. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly events: EventEmitter2,
  ) {}

  /**
   * Opens an account.
   * @throws EmailTakenError, NicknameTakenError
   */
  async register(account: { email: string; nickname: string; passwordHash: string | null }): Promise<User> {
    if (isReservedNickname(account.nickname)) throw new NicknameTakenError();
    return this.users.insert({ id: randomUUID(), ...account });
  }

  /** @throws UserNotFoundError */
  async get(id: string): Promise<User> {
    const user = await this.users.find(id);
    if (user === null) throw new UserNotFoundError();
    return user;
  }

  /** @param email in any case */
  async findByEmail(email: string): Promise<User | null> {
    return this.users.findByEmail(email);
  }

  /**
   * A user's role and tier, from the cache for up to an hour.
   * @throws UserNotFoundError
   */
  @Cacheable({ cache: 'permissions', key: (id: string) => id, ttl: '1h' })
  async getPermissions(id: string): Promise<Permissions> {
    const { role, tier } = await this.get(id);
    return { role, tier };
  }

  /**
   * Changes role, tier or both; holds from the next request on.
   * @throws UserNotFoundError
   */
  @CacheEvict({ cache: 'permissions', key: (id: string) => id })
  async changePermissions(id: string, permissions: Partial<Permissions>): Promise<void> {
    if (!(await this.users.update(id, permissions))) throw new UserNotFoundError();
  }

  /** Nicknames by user id; those who have left are not in it. */
  async findNicknames(ids: readonly string[]): Promise<Map<string, string>> {
    const found = ids.length === 0 ? [] : await this.users.findNicknames(ids);
    return new Map(found.map(({ id, nickname }) => [id, nickname]));
  }

  /** @throws UserNotFoundError, NicknameTakenError */
  @Transactional()
  async rename(id: string, nickname: string): Promise<User> {
    const { nickname: former } = await this.lock(id);
    if (nickname !== former) {
      if (isReservedNickname(nickname)) throw new NicknameTakenError();
      await this.users.update(id, { nickname });
      await this.events.emitAsync(UserRenamed.event, new UserRenamed(id, nickname));
    }
    return this.get(id);
  }

  /**
   * Runs `action` while nobody can change the password or withdraw, so that neither can slip between a check of the
   * password and what follows from it.
   * @returns null, and `action` has not run, when the password is no longer the one in `credentials`
   */
  @Transactional()
  async withCredentialsLocked<T>({ id, passwordHash }: Credentials, action: () => Promise<T>): Promise<T | null> {
    const user = await this.users.findAndLock(id);
    return user !== null && user.passwordHash === passwordHash ? action() : null;
  }

  /**
   * Keeps the account from being closed until the transaction ends. To be called before anything is locked that
   * belongs to others: a withdrawal takes first the account and then what the user has left on it.
   * @throws UserNotFoundError
   */
  async lockUntilCommit(id: string): Promise<void> {
    if ((await this.users.lockForKeyShare(id)) === null) throw new UserNotFoundError();
  }

  /**
   * Replaces the hash of the password, then runs `beforeCommit`; when that fails, nothing has changed.
   * @returns false, and nothing has happened, when the password is no longer the one in `from`
   */
  @Transactional()
  async replacePassword(from: Credentials, newHash: string, beforeCommit?: () => Promise<void>): Promise<boolean> {
    const { id, passwordHash } = from;
    const replaced = passwordHash !== null && (await this.users.replacePasswordHash(id, passwordHash, newHash));
    if (replaced) await beforeCommit?.();
    return replaced;
  }

  /**
   * Closes the account.
   * @throws UserNotFoundError
   */
  @CacheEvict({ cache: 'permissions', key: (id: string) => id })
  @Transactional()
  async withdraw(id: string): Promise<void> {
    await this.lock(id);
    await this.events.emitAsync(UserWithdrawn.event, new UserWithdrawn(id));
    await this.users.remove(id);
  }

  private async lock(id: string): Promise<User> {
    const user = await this.users.findForUpdate(id);
    if (user === null) throw new UserNotFoundError();
    return user;
  }
}
