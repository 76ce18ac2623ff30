import { compileErrors } from '../support/compile-errors.js';

const get = 'get(id: number, language?: string): Promise<Place | null> { return Promise.resolve(place); }';
const sum = 'sum(...n: number[]): Promise<number> { return Promise.resolve(n.length); }';

const accepted: Record<string, string> = {
  'a key of the first argument': `@Cacheable({ cache: 'a', key: (id: number) => id }) ${get}`,
  'a key of all arguments': `@Cacheable({ cache: 'a', key: (id: number, l?: string) => [id, l] }) ${get}`,
  'a key without parameters': `@Cacheable({ cache: 'a', key: () => 'all' }) ${get}`,
  'a key that passes an argument on': `@Cacheable({ cache: 'a', key: (id) => id }) ${get}`,
  'a key of variable arguments': `@Cacheable({ key: (...n: number[]) => n }) ${sum}`,
  'functions of different parameters': `
    @Cacheable({ key: (id: number) => id, condition: (_: number, l?: string) => l !== 'x' }) ${get}`,
  'unless of the result': `@Cacheable({ unless: (result: Place | null) => result === null }) ${get}`,
  'the call as this': `
    @Cacheable({ key(this: CacheCall<unknown, Service>) { return [this.method, this.target.flag]; } }) ${get}`,
  'the result in the key of a put': `
    @CachePut({ key(this: CacheCall<Place | null>) { return this.result?.id; } }) ${get}`,
  'evicts of tags': `@CacheEvict({ tags: (id: number) => ['place:' + id] }) ${get}`,
  'several operations': `
    @Caching({ cacheable: [{ key: (id: number) => id }], evict: [{ cache: 'b', allEntries: true }] }) ${get}`,
};

const notSuited = 'key does not suit the arguments or the result of this method';
const refused: Record<string, readonly [method: string, message: string]> = {
  'a key of another type': [`@Cacheable({ cache: 'a', key: (id: string) => id }) ${get}`, notSuited],
  'a key of an argument that is not there': [
    `@Cacheable({ key: (a: number, b: string | undefined, c: number) => [a, b, c] }) ${get}`,
    notSuited,
  ],
  'a key that needs what may be left out': [`@Cacheable({ key: (_: number, l: string) => l }) ${get}`, notSuited],
  'a property of an argument without type': [
    `@Cacheable({ key: (id) => id.value }) ${get}`,
    "'id' is of type 'unknown'",
  ],
  'unless of another result': [
    `@Cacheable({ unless: (result: Place) => result.id === 1 }) ${get}`,
    'unless does not suit the arguments or the result of this method',
  ],
  'another result in the key of a put': [
    `@CachePut({ key(this: CacheCall<{ uuid: string }>) { return this.result.uuid; } }) ${get}`,
    notSuited,
  ],
  'another class as target': [
    `@Cacheable({ key(this: CacheCall<unknown, Map<string, string>>) { return this.target.size; } }) ${get}`,
    notSuited,
  ],
  'a condition that is no boolean': [
    `@Cacheable({ condition: (id: number) => id }) ${get}`,
    "Type 'number' is not assignable to type 'boolean'",
  ],
  'tags that are no strings': [
    `@CacheEvict({ tags: (id: number) => [id] }) ${get}`,
    "Type 'number' is not assignable to type 'string'",
  ],
  'an option misspelt': [`@Cacheable({ cach: 'a' }) ${get}`, "'cach' does not exist"],
  'an option of another decorator': [
    `@CacheEvict({ cache: 'a', sync: true }) ${get}`,
    "Type 'true' is not assignable to type 'never'",
  ],
  'a wrong key among several': [
    `@Caching({ evict: [{ key: (id: string) => id }, { allEntries: true }] }) ${get}`,
    'evict holds a function that does not suit this method',
  ],
  'an option misspelt among several': [`@Caching({ evict: [{ allEntrys: true }] }) ${get}`, 'allEntrys'],
  'a method that gives no promise': [
    `@Cacheable({ cache: 'a' }) now(id: number): number { return id; }`,
    "not assignable to type 'Promise<unknown>'",
  ],
};

const methods: [what: string, method: string][] = [
  ...Object.entries(accepted),
  ...Object.entries(refused).map(([what, [method]]): [string, string] => [what, method]),
];

describe('the compiler, with the settings of this repository', () => {
  let errors: ReadonlyMap<string, readonly string[]>;
  beforeAll(() => {
    errors = compileErrors(Object.fromEntries(methods.map(([what, method]) => [what, inClass(method)])));
  }, 120_000);

  it.each(Object.keys(accepted))('accepts %s', (what) => {
    expect(errors.get(what)).toEqual([]);
  });

  it.each(Object.keys(refused))('rejects %s', (what) => {
    expect(errors.get(what)?.join('\n')).toContain(refused[what]?.[1]);
  });
});

function inClass(method: string): string {
  return `
    import { Cacheable, CacheEvict, CachePut, Caching, type CacheCall } from './src/cache/index.js';
    export const used = [Cacheable, CacheEvict, CachePut, Caching];
    export type Call = CacheCall;
    export interface Place { id: number; name: string }
    const place: Place = { id: 1, name: 'tea' };
    export class Service {
      flag = place.id > 0;
      ${method}
    }
  `;
}
