import { PasswordPolicy } from './password-policy.js';

const policy = new PasswordPolicy();
const OWNER = { email: 'Jiwoo.Park@example.com', nickname: '도토리줍는지우' };

/** Whether the policy accepts the password. */
function accepts(password: string, owner = OWNER): boolean {
  try {
    policy.check(password, owner);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'PASSWORD_TOO_GUESSABLE', errors: [{ pointer: '#/password' }] });
    return false;
  }
}

describe('PasswordPolicy', () => {
  const COMMON = ['password', 'PASSWORD', '12345678', 'qwertyuiop', 'password123', 'ｐａｓｓｗｏｒｄ'];
  it.each(COMMON)('refuses the common %s', (password) => {
    expect(accepts(password)).toBe(false);
  });

  it.each(['ecogreen', 'EcoGreen2026!', 'eco-green-seoul', 'xecogreenx', '에코그린서울', '에코그린1234'])(
    'refuses %s, made of the service’s name',
    (password) => {
      expect(accepts(password)).toBe(false);
    },
  );

  it.each(['jiwoopark', 'jiwoo.park', 'jiwoo_park_1987', OWNER.email, '도토리줍는지우', '도토리줍는지우!!'])(
    'refuses %s, made of the user’s own name or address',
    (password) => {
      expect(accepts(password)).toBe(false);
    },
  );

  it('knows the name in decomposed Hangul too', () => {
    expect(accepts('도토리줍는지우1'.normalize('NFD'))).toBe(false);
  });

  const GOOD = ['green-seoul-demo', 'acorns under the ginkgo', '은행나무아래도토리', 'jiwoo-park-likes-refill', 'xK9#mQ2$'];
  it.each(GOOD)('accepts %s', (password) => {
    expect(accepts(password)).toBe(true);
  });

  it('does not mind a short name that turns up by chance', () => {
    expect(accepts('xkabq92zw', { email: 'ab@example.com', nickname: 'ab' })).toBe(true);
  });
});
