import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { koreanWords } from './korean-words.js';

/** Names of the service and what it is about, and the passwords it publishes. */
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
  // Its time grows with dictionaries × substitutions × the square of the length: seconds, were they not bounded.
  l33tMaxSubstitutions: 4,
  maxLength: 32,
});

/**
 * How many guesses somebody needs who tries common passwords, words, dates and patterns first (zxcvbn).
 * @param ownWords what is known of the user
 */
export function estimateGuesses(password: string, ownWords: readonly string[]): number {
  return estimator.check(password, [...ownWords]).guesses;
}
