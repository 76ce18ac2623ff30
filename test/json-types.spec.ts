import { compileErrors } from './support/compile-errors.js';

const accepted: Record<string, string> = {
  'texts, numbers, booleans and null': '{ a: string; b: number; c: boolean; d: null; e: "x" | "y" }',
  'fields that may be left out': '{ a?: string; b: number | undefined }',
  'lists, tuples and nested objects': '{ a: readonly string[]; b: [number, string]; c: { d: { e: null }[] } }',
  'records': '{ a: Record<string, number>; b: Record<string, string | null>[] }',
  'interfaces': 'Point',
  'unions of objects': '{ a: string } | { b: number }',
  'nothing': 'Record<string, never>',
};

const refused: Record<string, string> = {
  'a date': '{ at: Date }',
  'a date among others': '{ at: Date | string }',
  'a date that may be left out': '{ at?: Date }',
  'a date in a list in an object': '{ a: { b: Date[] } }',
  'a set': '{ tags: Set<string> }',
  'a map': '{ tags: Map<string, string> }',
  'bytes': '{ a: Buffer }',
  'an array of numbers in memory': '{ a: Float64Array }',
  'a big integer': '{ a: bigint }',
  'a symbol': '{ a: symbol }',
  'a function': '{ a: () => void }',
  'a method': 'Service',
  'an error': '{ a: Error }',
  'an address': '{ a: URL }',
  'a promise': '{ a: Promise<string> }',
  'unknown': '{ a: unknown }',
  'any object': '{ a: object }',
  'items that may be undefined': '{ a: (string | undefined)[] }',
  'a field named by a symbol': '{ [Symbol.iterator]: string }',
};

/** Functions that store a value as JSON for another process or a later time. */
const uses: Record<string, (type: string) => string> = {
  'defineJob': (type) => `export const job = defineJob<${type}>('probe');`,
  'Outbox.post': (type) => `export const post = (outbox: Outbox, value: ${type}) => outbox.post('topic', [value]);`,
  'Outbox.add': (type) => `export const add = (outbox: Outbox, value: ${type}) => outbox.add('topic', [value]);`,
  'Outbox.addNow': (type) => `export const add = (outbox: Outbox, value: ${type}) => outbox.addNow('topic', [value]);`,
};

const IMPORTS = `
  import { defineJob } from './src/jobs/index.js';
  import type { Outbox } from './src/database/index.js';
  import type { NewNotification } from './src/notifications/notification.js';
  export const used = defineJob;
  export type Used = [Outbox, NewNotification];
  export interface Point { readonly x: number; readonly y?: number }
  export class Service { x = 1; run(): number { return this.x; } }
`;

const named = (types: Readonly<Record<string, string>>) =>
  Object.entries(uses).flatMap(([use, inUse]) =>
    Object.entries(types).map(([name, type]) => [`${use}: ${name}`, IMPORTS + inUse(type)] as const),
  );
const notification = (data: string) => `${IMPORTS}
  export const data = (value: Date): NewNotification['data'] => (${data});
`;
const [good, bad] = [
  [
    ...named(accepted),
    ['data of a notification: texts and numbers', notification('{ a: value.toJSON(), b: [1] }')] as const,
  ],
  [
    ...named(refused),
    ['data of a notification: a date', notification('{ at: value }')] as const,
    ['data of a notification: a set in a list', notification('{ a: [new Set([value.toJSON()])] }')] as const,
    ['the payload of a schedule: a date', `${IMPORTS} export const job = defineJob('probe', {
      schedule: { every: '1m', payload: { at: new Date() } } });`] as const,
  ],
];

describe('types of JSON payloads', () => {
  let errors: ReadonlyMap<string, readonly string[]>;
  beforeAll(() => {
    errors = compileErrors(Object.fromEntries([...good, ...bad]));
  }, 120_000);

  it.each(good.map(([name]) => name))('accept values that JSON preserves: %s', (name) => {
    expect(errors.get(name)).toEqual([]);
  });

  it.each(bad.map(([name]) => name))('reject values that JSON does not preserve: %s', (name) => {
    expect(errors.get(name)).toEqual([expect.stringMatching(/assignable|satisfy the constraint/)]);
  });
});
