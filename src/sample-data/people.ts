import type { SeededRandom } from './random.js';

/** A row of `app_user`. */
export interface SampleUser {
  readonly id: string;
  readonly email: string;
  readonly nickname: string;
  readonly password_hash: string | null;
  readonly role: 'user' | 'admin';
  readonly tier: 'user' | 'premium' | 'admin';
  readonly created_at: string;
}

const USERS = 60;

export const DEMO_ACCOUNTS = [
  { email: 'admin@ecogreen.example', nickname: '초록관리자', role: 'admin', tier: 'admin' },
  { email: 'premium@ecogreen.example', nickname: '초록단골', role: 'user', tier: 'premium' },
  { email: 'user@ecogreen.example', nickname: '초록이웃', role: 'user', tier: 'user' },
] as const;

const ADJECTIVES = ['느린', '푸른', '다정한', '걷는', '고요한', '부지런한', '산뜻한', '따뜻한', '맑은', '작은'];
const NOUNS = ['참새', '소나무', '고래', '달팽이', '민들레', '도토리', '수달', '은행잎', '제비', '강아지풀'];

/**
 * Generates 60 users; only the demo accounts, which come first, have a password.
 * @param demoPasswordHashes password hashes in the order of `DEMO_ACCOUNTS`
 */
export function makeUsers(random: SeededRandom, demoPasswordHashes: readonly string[]): SampleUser[] {
  const nicknames = ADJECTIVES.flatMap((adjective) => NOUNS.map((noun) => `${adjective}${noun}`));
  const others = random.sample(nicknames, USERS - DEMO_ACCOUNTS.length).map((nickname, index) => ({
    email: `neighbour${String(index + 1).padStart(2, '0')}@ecogreen.example`,
    nickname,
    role: 'user' as const,
    tier: 'user' as const,
    password_hash: null,
  }));
  const demo = DEMO_ACCOUNTS.map((account, index) => {
    return { ...account, password_hash: demoPasswordHashes[index] ?? null };
  });
  return [...demo, ...others].map((account, index) => ({
    ...account,
    id: random.uuid(),
    created_at: new Date(Date.UTC(2025, 0, 2, 0, index * 7)).toISOString(),
  }));
}
