import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Transactional } from '@nestjs-cls/transactional';
import { Cacheable, CacheEvict } from '../cache/index.js';
import type { Role, Tier } from '../common/index.js';
import { DomainEvents } from '../database/index.js';
import { isReservedNickname } from './reserved-nicknames.js';
import type { User } from './user.entity.js';
import { NicknameTakenError, UserNotFoundError } from './users.errors.js';
import { UserRenamed, UserWithdrawn } from './users.events.js';
import { UsersRepository } from './users.repository.js';

/** Role (authorization) and tier (rate limit) of a user. */
export interface Permissions {
  readonly role: Role;
  readonly tier: Tier;
}

/** Credentials that a login is verified against. */
export interface Credentials {
  readonly id: string;
  /** Null for an account without a password. */
  readonly passwordHash: string | null;
}

/** User accounts: registration, lookup, nicknames, permissions and withdrawal. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly events: DomainEvents,
  ) {}

  /**
   * Creates an account.
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

  /** @param email matched case-insensitively */
  async findByEmail(email: string): Promise<User | null> {
    return this.users.findByEmail(email);
  }

  /**
   * A user's role and tier, cached for up to one hour.
   * @throws UserNotFoundError
   */
  @Cacheable({ cache: 'permissions', key: (id: string) => id, ttl: '1h' })
  async getPermissions(id: string): Promise<Permissions> {
    const { role, tier } = await this.get(id);
    return { role, tier };
  }

  /**
   * Changes role, tier or both; takes effect with the next request.
   * @throws UserNotFoundError
   */
  @CacheEvict({ cache: 'permissions', key: (id: string) => id })
  async changePermissions(id: string, permissions: Partial<Permissions>): Promise<void> {
    if (!(await this.users.update(id, permissions))) throw new UserNotFoundError();
  }

  /** Nicknames by user id; withdrawn users are omitted. */
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
      await this.events.publish(new UserRenamed(id, nickname));
    }
    return this.get(id);
  }

  /**
   * Runs `action` while the account is locked against password changes and withdrawal, so that neither can happen
   * between the verification of a password and the action based on it.
   * @returns null, without running `action`, when the password hash is no longer `passwordHash`
   */
  @Transactional()
  async withCredentialsLocked<T>({ id, passwordHash }: Credentials, action: () => Promise<T>): Promise<T | null> {
    const user = await this.users.findForShare(id);
    return user !== null && user.passwordHash === passwordHash ? action() : null;
  }

  /**
   * Prevents the account from being closed until the transaction ends. Lock order: call it before locking rows of
   * other users, as a withdrawal does, which locks the account and then the places and reviews it changes.
   * @throws UserNotFoundError
   */
  async lockUntilCommit(id: string): Promise<void> {
    if ((await this.users.lockForKeyShare(id)) === null) throw new UserNotFoundError();
  }

  /**
   * Replaces the password hash, then runs `beforeCommit`; an error of it rolls the change back.
   * @returns false, without any change, when the password hash is no longer the one in `from`
   */
  @Transactional()
  async replacePassword(from: Credentials, newHash: string, beforeCommit?: () => Promise<void>): Promise<boolean> {
    const { id, passwordHash } = from;
    const replaced = passwordHash !== null && (await this.users.replacePasswordHash(id, passwordHash, newHash));
    if (replaced) await beforeCommit?.();
    return replaced;
  }

  /**
   * Closes the account: publishes `UserWithdrawn` and deletes the user.
   * @throws UserNotFoundError
   */
  @CacheEvict({ cache: 'permissions', key: (id: string) => id })
  @Transactional()
  async withdraw(id: string): Promise<void> {
    await this.lock(id);
    await this.events.publish(new UserWithdrawn(id));
    await this.users.remove(id);
  }

  private async lock(id: string): Promise<User> {
    const user = await this.users.findForUpdate(id);
    if (user === null) throw new UserNotFoundError();
    return user;
  }
}
