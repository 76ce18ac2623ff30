import { inBatches } from './in-batches.js';

describe('inBatches', () => {
  const loads: number[][] = [];
  const find = inBatches((keys: number[]) => {
    loads.push(keys);
    return Promise.resolve(new Map(keys.filter((key) => key > 0).map((key) => [key, `#${key}`])));
  });

  beforeEach(() => loads.splice(0));

  it('looks up together what is asked for together, each key once', async () => {
    expect(await Promise.all([1, 2, 2, 3].map(find))).toEqual(['#1', '#2', '#2', '#3']);
    expect(loads).toEqual([[1, 2, 3]]);
  });

  it('gives undefined for what is not there', async () => {
    expect(await Promise.all([-1, 1].map(find))).toEqual([undefined, '#1']);
  });

  it('asks again for what was found before', async () => {
    await find(1);
    await find(1);
    expect(loads).toEqual([[1], [1]]);
  });

  it('does not let anybody into a batch whose query has begun', async () => {
    let begin: () => void = () => undefined;
    let answers = 0;
    const slow = inBatches(async (keys: number[]) => {
      answers += 1;
      const answer = answers;
      await new Promise<void>((resolve) => (begin = resolve));
      return new Map(keys.map((key) => [key, answer]));
    });
    const early = slow(1);
    await new Promise(setImmediate);
    const late = slow(1);
    begin();
    expect(await early).toBe(1);
    await new Promise(setImmediate);
    begin();
    expect(await late).toBe(2);
  });

  it('fails for all who asked together, and works again for the next', async () => {
    let healthy = false;
    const flaky = inBatches((keys: number[]) =>
      healthy ? Promise.resolve(new Map(keys.map((key) => [key, key]))) : Promise.reject(new Error('away')),
    );
    const outcomes = await Promise.allSettled([flaky(1), flaky(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    healthy = true;
    expect(await flaky(1)).toBe(1);
  });
});
