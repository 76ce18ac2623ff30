import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, SetMetadata } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { ConfigModule } from '../../src/config/index.js';
import { currentLock, Locked, LockBusyError, LocksModule } from '../../src/locks/index.js';
import { RedisModule } from '../../src/redis/index.js';
import { testEnv, testingModule } from '../support/boot.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';

@Injectable()
class Press {
  inside = 0;
  most = 0;
  readonly fences: number[] = [];

  /** One lock for all calls. */
  @Locked('press', { ttl: '5s', wait: '20s' })
  async print(text: string): Promise<string> {
    this.most = Math.max(this.most, (this.inside += 1));
    this.fences.push(currentLock().fence);
    await sleep(2);
    this.inside -= 1;
    return text;
  }

  /** One lock per page. */
  @Locked((page: number) => `page:${page}`, { ttl: '5s' })
  @SetMetadata('kind', 'page')
  async printPage(page: number, work: () => Promise<unknown>): Promise<number> {
    await work();
    return page;
  }
}

describe('@Locked', () => {
  let redis: ProvidedServer;
  let modules: TestingModule[];
  let presses: Press[];

  beforeAll(async () => {
    redis = await provideRedis();
    const env = testEnv({ redisUrl: redis.url });
    const imports = [ConfigModule, RedisModule, LocksModule];
    modules = await Promise.all(
      [1, 2].map(async () => {
        const module = await testingModule({ imports, providers: [Press] }, env).compile();
        return module.init();
      }),
    );
    presses = modules.map((module) => module.get(Press));
  });
  afterAll(async () => {
    await Promise.all(modules.map((module) => module.close()));
    await redis.drop();
  });

  const press = (at: number): Press => {
    const found = presses[at % presses.length];
    if (found === undefined) throw new Error('there are two');
    return found;
  };

  it('runs one call at a time over two instances, and returns each result', async () => {
    const texts = Array.from({ length: 40 }, (_, at) => `text ${at}`);
    expect(await Promise.all(texts.map((text, at) => press(at).print(text)))).toEqual(texts);
    expect(presses.map(({ most }) => most)).toEqual([1, 1]);
    const fences = presses.flatMap((each) => each.fences);
    expect(new Set(fences).size).toBe(40);
  });

  it('derives the name of the lock from the arguments', async () => {
    const meanwhile = await press(0).printPage(1, async () => {
      expect(await press(1).printPage(2, () => Promise.resolve())).toBe(2);
      await expect(press(1).printPage(1, () => Promise.resolve())).rejects.toBeInstanceOf(LockBusyError);
    });
    expect(meanwhile).toBe(1);
  });

  it('keeps the name and the metadata of the method', () => {
    const method = Object.getOwnPropertyDescriptor(Press.prototype, 'printPage')?.value as object;
    expect(method).toHaveProperty('name', 'printPage');
    expect(Reflect.getMetadata('kind', method)).toBe('page');
  });

  it('throws with the remedy when Nest did not create the object', () => {
    expect(() => new Press().print('text')).toThrow('print is @Locked, but its class is no provider');
  });

  it.each([{ ttl: 0 }, { ttl: 'soon' }, { ttl: '1s', wait: -1 }])('rejects %p at class definition', (options) => {
    expect(() => Locked('press', options)).toThrow(RangeError);
  });

  it('provides no current lock outside of a call', () => {
    expect(() => currentLock()).toThrow('no lock is held');
  });
});
