import { Injectable } from '@nestjs/common';
import { WeakPasswordError } from '../auth.errors.js';
import { withKeystrokes } from './korean-words.js';
import { normalizePassword } from './password-hasher.js';
import { estimateGuesses, SERVICE_WORDS } from './password-strength.js';

/** The lower bound of zxcvbn's score 3; what eight characters by chance have. */
const MIN_GUESSES = 1e8;
/** Shorter names turn up in good passwords by chance. */
const MIN_NAME_LENGTH = 4;
/** What has to be left of a password once a name is taken out of it. */
const MIN_REST_LENGTH = 4;
/** Words and numbers with one separator between each. */
const JOINED_WORDS = /^[\p{L}\p{N}]{3,}(?:[ ._-][\p{L}\p{N}]{3,})+$/u;

/** Refuses passwords that are guessed soon: common ones, words, patterns, and those made of the user's name or ours. */
@Injectable()
export class PasswordPolicy {
  /**
   * @param owner whose names must not be the password
   * @param field the body field the password came in, for the error
   * @throws WeakPasswordError
   */
  check(password: string, owner: { email: string; nickname: string }, field = 'password'): void {
    const text = normalizePassword(password);
    const bare = lettersAndDigits(text);
    const names = namesOf(owner);
    const isOnlyAName = [...SERVICE_WORDS, ...names].some((name) => isMadeOf(bare, lettersAndDigits(name)));
    // Separators count for much in the estimate, and for nothing in a guess.
    const spellings = JOINED_WORDS.test(text) ? [text, bare] : [text];
    const guesses = spellings.map((spelling) => estimateGuesses(spelling, names));
    if (isOnlyAName || Math.min(...guesses) < MIN_GUESSES) throw new WeakPasswordError(field);
  }
}

/** Nickname, address and their parts, in Hangul and as typed on a Latin keyboard. */
function namesOf({ email, nickname }: { email: string; nickname: string }): string[] {
  const [mailbox = ''] = email.split('@');
  const parts = email.split(/[^\p{L}\p{N}]+/u);
  const names = [nickname, email, mailbox, lettersAndDigits(mailbox), ...parts].flatMap(withKeystrokes);
  return [...new Set(names)].filter((name) => name.length >= MIN_NAME_LENGTH);
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
