import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { In, type Repository } from 'typeorm';
import { translateViolations } from '../database/index.js';
import { EmailTakenError, NicknameTakenError } from './users.errors.js';
import { User } from './user.entity.js';

export type NewUser = Pick<User, 'id' | 'email' | 'nickname' | 'passwordHash'>;
export type UserChanges = Partial<Pick<User, 'nickname' | 'role' | 'tier'>>;

const translateDatabaseError = translateViolations({
  app_user_email_key: EmailTakenError,
  app_user_nickname_key: NicknameTakenError,
});

/** All queries on user accounts. */
@Injectable()
export class UsersRepository {
  constructor(private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /** @throws EmailTakenError, NicknameTakenError */
  async insert(user: NewUser): Promise<User> {
    await this.repository.insert(user).catch(translateDatabaseError);
    return this.repository.findOneByOrFail({ id: user.id });
  }

  async find(id: string): Promise<User | null> {
    return this.repository.findOneBy({ id });
  }

  /** @param email matched case-insensitively */
  async findByEmail(email: string): Promise<User | null> {
    return this.repository.createQueryBuilder('user').where('lower(user.email) = lower(:email)', { email }).getOne();
  }

  /** Reads a user with a shared lock: until the transaction ends, no other can change or delete the row. */
  async findForShare(id: string): Promise<User | null> {
    return this.repository.findOne({ where: { id }, lock: { mode: 'pessimistic_read' } });
  }

  /** Reads a user with an exclusive lock: until the transaction ends, no other can change the row or reference it. */
  async findForUpdate(id: string): Promise<User | null> {
    return this.repository.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** Prevents deletion of the row, and exclusive locks on it, until the transaction ends; blocks nothing else. */
  async lockForKeyShare(id: string): Promise<User | null> {
    return this.repository.findOne({ select: { id: true }, where: { id }, lock: { mode: 'for_key_share' } });
  }

  async findNicknames(ids: readonly string[]): Promise<Pick<User, 'id' | 'nickname'>[]> {
    return this.repository.find({ select: { id: true, nickname: true }, where: { id: In([...ids]) } });
  }

  /** @returns whether the user exists; @throws NicknameTakenError */
  async update(id: string, changes: UserChanges): Promise<boolean> {
    const { affected } = await this.repository.update({ id }, changes).catch(translateDatabaseError);
    return affected === 1;
  }

  /** @returns false when the stored hash is no longer `from` */
  async replacePasswordHash(id: string, from: string, to: string): Promise<boolean> {
    const { affected } = await this.repository.update({ id, passwordHash: from }, { passwordHash: to });
    return affected === 1;
  }

  /** @returns whether the user existed */
  async remove(id: string): Promise<boolean> {
    return (await this.repository.delete({ id })).affected === 1;
  }

  private get repository(): Repository<User> {
    return this.txHost.tx.getRepository(User);
  }
}
