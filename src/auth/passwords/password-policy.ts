import { Injectable } from '@nestjs/common';
import { dictionary } from '@zxcvbn-ts/language-common';
import { PasswordTooGuessableError } from '../auth.errors.js';
import { normalizePassword } from './password-hasher.js';

const MIN_LENGTH = 8;
const SERVICE_NAMES = ['ecogreen', 'ecogreenseoul', 'main027', '에코그린', '에코그린서울'];
/** Shorter names turn up in good passwords by chance. */
const MIN_NAME_LENGTH = 4;
/** What has to be left of a password once a name is taken out of it. */
const MIN_REST_LENGTH = 4;

/** Refuses passwords that are tried first: common ones, and those made of a name of the user or of the service. */
@Injectable()
export class PasswordPolicy {
  private readonly common = new Set(dictionary['passwords-common'].filter((each) => each.length >= MIN_LENGTH));

  /**
   * @param owner whose names must not be the password
   * @param field the body field the password came in, for the error
   * @throws PasswordTooGuessableError
   */
  check(password: string, owner: { email: string; nickname: string }, field = 'password'): void {
    const text = normalizePassword(password).toLowerCase();
    const [mailbox = ''] = owner.email.split('@');
    const names = [...SERVICE_NAMES, owner.nickname, owner.email, mailbox].map(lettersAndDigits);
    const bare = lettersAndDigits(text);
    if (this.common.has(text) || names.some((name) => isMadeOf(bare, name))) throw new PasswordTooGuessableError(field);
  }
}

/** Whether little but digits is left of the password without the name. */
function isMadeOf(password: string, name: string): boolean {
  if (password === name) return true;
  if (name.length < MIN_NAME_LENGTH || !password.includes(name)) return false;
  const rest = password.replaceAll(name, '');
  return rest.length < MIN_REST_LENGTH || /^\d+$/.test(rest);
}

function lettersAndDigits(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
