import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { dictionary } from '@zxcvbn-ts/language-common';

/** Words that are common in handwritten keys, in addition to common passwords and diceware words. */
const KEY_WORDS = [
  ...['the', 'key', 'jwt', 'my', 'is', 'this', 'your', 'for', 'and', 'not', 'use', 'with', 'that', 'our', 'only'],
  ...['secret', 'token', 'tokens', 'keys', 'secrets', 'signing', 'sign', 'signature', 'hmac', 'sha256', 'hs256', 'rsa'],
  ...['development', 'production', 'staging', 'testing', 'local', 'localhost', 'dev', 'prod', 'test', 'env', 'demo'],
  ...['access', 'refresh', 'session', 'auth', 'authentication', 'json', 'web', 'app', 'api', 'server', 'service'],
  ...['backend', 'default', 'example', 'sample', 'random', 'string', 'value', 'long', 'very', 'super', 'private'],
  ...['please', 'change', 'changeit', 'replace', 'must', 'should', 'before', 'deploy', 'here', 'insert', 'bit'],
  ...['a', 'an', 'me', 'now', 'to', 'of', 'in', 'on', 'it', 'do', 'be'],
  ...['nestjs', 'node', 'metrics', 'prometheus', 'ecogreen', 'seoul', 'ecogreenseoul', 'secure', 'safe', 'least'],
];

let estimator: ZxcvbnFactory | undefined;

/**
 * Number of guesses needed to find a key, as a power of ten (zxcvbn): about 1 per random character; less for common
 * passwords, English words, repetitions, sequences and dates. Separators are ignored.
 */
export function guessesLog10(key: string): number {
  estimator ??= new ZxcvbnFactory({
    dictionary: { key: KEY_WORDS, passwords: dictionary['passwords-common'], english: dictionary['diceware-common'] },
    // Without a limit, the run time grows to seconds with the number of digits in a key.
    l33tMaxSubstitutions: 4,
    maxLength: 128,
  });
  return estimator.check(key.replace(/[\s._-]/g, '')).guessesLog10;
}
