import { Injectable } from '@nestjs/common';
import { WeakPasswordError } from '../auth.errors.js';
import { withKeystrokes } from './korean-words.js';
import { normalizePassword } from './password-hasher.js';
import { estimateGuesses, SERVICE_WORDS } from './password-strength.js';

/** Minimum estimate: the lower bound of zxcvbn's score 3, which eight random characters reach. */
const MIN_GUESSES = 1e8;
/** Minimum length of names to look for; shorter ones occur in strong passwords by chance. */
const MIN_NAME_LENGTH = 4;
/** Minimum length of the remainder after a name has been removed from a password. */
const MIN_REMAINDER_LENGTH = 4;
/** Words and numbers joined by single separators. */
const JOINED_WORDS = /^[\p{L}\p{N}]{3,}(?:[ ._-][\p{L}\p{N}]{3,})+$/u;

/** Rejects weak passwords: common ones, words, patterns, and those made of the user's or the service's names. */
@Injectable()
export class PasswordPolicy {
  /**
   * @param owner e-mail and nickname that the password must not consist of
   * @param field body field of the password, for the error
   * @throws WeakPasswordError
   */
  check(password: string, owner: { email: string; nickname: string }, field = 'password'): void {
    const text = normalizePassword(password);
    const condensed = lettersAndDigits(text);
    const names = namesOf(owner);
    const isOnlyAName = [...SERVICE_WORDS, ...names].some((name) => isMadeOf(condensed, lettersAndDigits(name)));
    // Separators raise the estimate considerably, but do not make guessing harder.
    const spellings = JOINED_WORDS.test(text) ? [text, condensed] : [text];
    const guesses = spellings.map((spelling) => estimateGuesses(spelling, names));
    if (isOnlyAName || Math.min(...guesses) < MIN_GUESSES) throw new WeakPasswordError(field);
  }
}

/** Nickname, e-mail and its parts, in Hangul and as typed on a Latin keyboard. */
function namesOf({ email, nickname }: { email: string; nickname: string }): string[] {
  const [mailbox = ''] = email.split('@');
  const parts = email.split(/[^\p{L}\p{N}]+/u);
  const names = [nickname, email, mailbox, lettersAndDigits(mailbox), ...parts].flatMap(withKeystrokes);
  return [...new Set(names)].filter((name) => name.length >= MIN_NAME_LENGTH);
}

/** Whether the password without the name is shorter than `MIN_REMAINDER_LENGTH` or consists of digits. */
function isMadeOf(password: string, name: string): boolean {
  if (password === name) return true;
  if (name.length < MIN_NAME_LENGTH || !password.includes(name)) return false;
  const remainder = password.replaceAll(name, '');
  return remainder.length < MIN_REMAINDER_LENGTH || /^\d+$/.test(remainder);
}

function lettersAndDigits(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
