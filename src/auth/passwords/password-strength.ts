import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { koreanWords } from './korean-words.js';

/** The estimator looks no further: its time grows with the square of the length. */
const MAX_LENGTH = 32;
const LAST_NAMES = 5_000;
/** Names of the service and what it is about, and the passwords it publishes. */
export const SERVICE_WORDS = [
  ...['green-seoul-demo', 'ecogreen', 'ecogreenseoul', 'main027', 'green', 'seoul', 'eco', 'demo', 'zerowaste'],
  ...['refill', 'vegan', '에코그린', '에코그린서울', '에코', '그린', '초록', '서울', '제로웨이스트', '리필', '비건', '친환경'],
];

let estimator: Promise<ZxcvbnFactory> | undefined;

/**
 * How many guesses somebody needs who tries common passwords, words, names, dates and patterns first (zxcvbn).
 * @param ownWords what is known of the user
 */
export async function estimateGuesses(password: string, ownWords: readonly string[]): Promise<number> {
  // Loaded when it is first needed, which takes a while: most processes never see a new password.
  estimator ??= loadEstimator();
  return (await estimator).check(password, [...ownWords]).guesses;
}

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const dictionary = {
    service: SERVICE_WORDS,
    passwords: common.dictionary['passwords-common'],
    korean: koreanWords(),
    english: english.dictionary['commonWords-en'],
    names: [...english.dictionary['firstnames-en'], ...english.dictionary['lastnames-en'].slice(0, LAST_NAMES)],
  };
  const graphs = common.adjacencyGraphs;
  return new ZxcvbnFactory({ dictionary, graphs, l33tMaxSubstitutions: 4, maxLength: MAX_LENGTH });
}
