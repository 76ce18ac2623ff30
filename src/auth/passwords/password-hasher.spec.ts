import argon2 from '@node-rs/argon2';
import { PasswordHasher } from './password-hasher.js';

describe('PasswordHasher', () => {
  const hasher = new PasswordHasher();

  beforeAll(() => hasher.onModuleInit());

  it('uses argon2id with at least 19 MiB, two passes and one lane', async () => {
    const hash = await hasher.hash('acorns under the ginkgo');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(argon2.parseOptions(hash)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  });

  it('gives equal passwords different hashes', async () => {
    expect(await hasher.hash('acorns')).not.toBe(await hasher.hash('acorns'));
  });

  it('accepts the right password and rejects a wrong one', async () => {
    const hash = await hasher.hash('acorns under the ginkgo');
    expect(await hasher.verify(hash, 'acorns under the ginkgo')).toBe(true);
    expect(await hasher.verify(hash, 'acorns under the gingko')).toBe(false);
  });

  it('treats Hangul in NFC and NFD alike', async () => {
    const hash = await hasher.hash('은행나무'.normalize('NFD'));
    expect(await hasher.verify(hash, '은행나무'.normalize('NFC'))).toBe(true);
  });

  it('verifies a hash of the same cost for an unknown account, and rejects it', async () => {
    const verify = jest.spyOn(argon2, 'verify');
    const hash = await hasher.hash('acorns');
    await hasher.verify(hash, 'wrong');
    await hasher.verify(null, 'wrong');
    const costs = verify.mock.calls.map(([each]) => argon2.parseOptions(each));
    verify.mockRestore();
    expect(costs).toHaveLength(2);
    expect(costs[1]).toEqual(costs[0]);
    expect(await hasher.verify(null, '')).toBe(false);
  });

  it('limits concurrent hashes and rejects a long queue', async () => {
    const results = await Promise.allSettled(Array.from({ length: 80 }, () => hasher.hash('acorns')));
    const refused = results.flatMap((each) => (each.status === 'rejected' ? [each.reason as { code: string }] : []));
    expect(refused.length).toBeGreaterThan(30);
    expect(refused.length).toBeLessThan(50);
    expect(new Set(refused.map((each) => each.code))).toEqual(new Set(['SERVICE_UNAVAILABLE']));
    await expect(hasher.hash('acorns')).resolves.toBeDefined();
  });
});
