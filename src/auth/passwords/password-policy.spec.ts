import { PasswordPolicy } from './password-policy.js';

const policy = new PasswordPolicy();
const OWNER = { email: 'Jiwoo.Park@example.com', nickname: '도토리줍는지우' };

/** Whether the policy accepts the password. */
function accepts(password: string, owner = OWNER): boolean {
  try {
    policy.check(password, owner);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'PASSWORD_TOO_WEAK', errors: [{ pointer: '#/password' }] });
    return false;
  }
}

describe('PasswordPolicy', () => {
  const COMMON = ['password', 'PASSWORD', '12345678', 'qwertyuiop', 'password123', 'ｐａｓｓｗｏｒｄ'];
  it.each(COMMON)('rejects the common password %s', (password) => {
    expect(accepts(password)).toBe(false);
  });

  const GUESSED = [
    ...['password123456789', 'Password123!', 'P@$$w0rd1234', 'p4ssw0rd!2024', 'iloveyou2026'],
    ...['letmein!!123', 'dragonmonkey', 'aaaaaaaa', '        ', 'abcdefghij', 'qwertyqwertyqwerty', '1q2w3e4r5t'],
    ...['01012345678', '19900101!!', 'summer2026!', 'password'.repeat(16), '1234567890'.repeat(10)],
    ...['green-seoul-demo', 'Green-Seoul-Demo!', 'seoul2026!!'],
  ];
  it.each(GUESSED)('rejects the easily guessed %s', (password) => {
    expect(accepts(password)).toBe(false);
  });

  const KOREAN = [
    ...['비밀번호1234', '사랑해사랑해사랑해', '안녕하세요여러분', '가나다라마바사아', 'ㄱㄴㄷㄹㅁㅂㅅㅇ', 'ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ'],
    ...['qlalfqjsgh', 'tkfkdgo1004', 'Tkfkdgodyd!', 'dkssudgktpdy'],
  ];
  it.each(KOREAN)('rejects %s, common in Korea', (password) => {
    expect(accepts(password)).toBe(false);
    expect(accepts(password.normalize('NFD'))).toBe(false);
  });

  it.each(['ecogreen', 'EcoGreen2026!', 'eco-green-seoul', 'xecogreenx', '에코그린서울', '에코그린1234'])(
    'rejects %s, derived from the service’s name',
    (password) => {
      expect(accepts(password)).toBe(false);
    },
  );

  it.each(['jiwoopark', 'jiwoo.park', 'jiwoo_park_1987', OWNER.email, '도토리줍는지우', '도토리줍는지우!!',
    'ehxhflwnqsmswldn', 'Jiwoo1987!!'])(
    'rejects %s, derived from the user’s own name or address',
    (password) => {
      expect(accepts(password)).toBe(false);
    },
  );

  it('recognizes the name in decomposed Hangul', () => {
    expect(accepts('도토리줍는지우1'.normalize('NFD'))).toBe(false);
  });

  const GOOD = [
    ...['acorns under the ginkgo', '은행나무아래도토리', '도토리줍는다람쥐', '우산챙긴고래가춤춘다', 'jiwoo-park-likes-refill'],
    ...['xK9#mQ2$', 'k7!vm2pq', '0MUu4xuH_oo', 'less-is-more-2026', 'correct horse battery staple', 'Tr0ub4dor&3x'],
  ];
  it.each(GOOD)('accepts %s', (password) => {
    expect(accepts(password)).toBe(true);
  });

  it('takes little time for any password', () => {
    accepts('acorns under the ginkgo');
    const expensive = [
      ...['1111111111111112222211111111111111122222', '2541609703943627961677672682866401102459', '@4$0'.repeat(32)],
      ...['p4ssw0rd@1'.repeat(12), '2020-01-01'.repeat(12), 'aaa bbb ccc '.repeat(10).trim()],
    ];
    for (const password of expensive) {
      const before = process.cpuUsage();
      for (let n = 0; n < 5; n++) accepts(password);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 5_000).toBeLessThan(50);
    }
  });

  it('ignores a short name that occurs by chance', () => {
    expect(accepts('xkabq92zw', { email: 'ab@example.com', nickname: 'ab' })).toBe(true);
  });
});
