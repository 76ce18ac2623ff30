import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { koreanWords } from './korean-words.js';

/** Names of the service, terms of its subject, and the passwords it publishes. */
export const SERVICE_WORDS = [
  ...['green-seoul-demo', 'ecogreen', 'ecogreenseoul', 'main027', 'green', 'seoul', 'eco', 'demo', 'zerowaste'],
  ...['refill', 'vegan', '에코그린', '에코그린서울', '에코', '그린', '초록', '서울', '제로웨이스트', '리필', '비건', '친환경'],
];

const estimator = new ZxcvbnFactory({
  dictionary: {
    service: SERVICE_WORDS,
    passwords: dictionary['passwords-common'],
    korean: koreanWords(),
    english: dictionary['diceware-common'],
  },
  graphs: adjacencyGraphs,
  // zxcvbn's run time grows with dictionaries × substitutions × length²: unbounded, it would take seconds.
  l33tMaxSubstitutions: 4,
  maxLength: 32,
});

/**
 * Estimated number of guesses for an attacker who tries common passwords, words, dates and patterns first (zxcvbn).
 * @param ownWords words known about the user
 */
export function estimateGuesses(password: string, ownWords: readonly string[]): number {
  return estimator.check(password, [...ownWords]).guesses;
}
