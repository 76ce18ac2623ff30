import { durationMs } from '../../config/index.js';
import type { CacheableOptions, CacheEvictOptions } from '../decorators/cache-options.js';
import type { Operation } from '../decorators/operations.js';

type AnyOptions = CacheableOptions & CacheEvictOptions;

/** Predicate for options that break a rule, and the problem that is reported after the name of the operation. */
type Rule = readonly [broken: (options: AnyOptions, operation: Operation) => boolean, problem: string];

const COMMON = ['cache', 'key', 'keyGenerator', 'condition', 'scope', 'cacheManager', 'cacheResolver'];
const STORING = [...COMMON, 'unless', 'ttl', 'idle', 'tags', 'staleIfError', 'response'];
const KNOWN: Readonly<Record<Operation['kind'], readonly string[]>> = {
  cacheable: [...STORING, 'sync', 'softTimeout', 'hardTimeout'],
  put: STORING,
  evict: [...COMMON, 'allEntries', 'beforeInvocation', 'tags'],
};

const RULES: readonly Rule[] = [
  [
    ({ key, keyGenerator }) => key !== undefined && keyGenerator !== undefined,
    'has both key and keyGenerator; keep one of them',
  ],
  [
    ({ cacheManager, cacheResolver }) => cacheManager !== undefined && cacheResolver !== undefined,
    'has both cacheManager and cacheResolver; keep one of them',
  ],
  [
    ({ key, keyGenerator, allEntries, tags }, { kind }) =>
      kind === 'evict' && (key ?? keyGenerator) !== undefined && (allEntries === true || tags !== undefined),
    'has a key beside allEntries or tags; write one @CacheEvict for each',
  ],
  [
    ({ allEntries, tags }) => allEntries === true && tags !== undefined,
    'has both allEntries and tags; remove tags, since allEntries includes them',
  ],
  [({ sync, unless }) => sync === true && unless !== undefined, 'has both sync and unless; remove one of them'],
  [
    ({ sync, cache }) => sync === true && Array.isArray(cache) && cache.length > 1,
    'is sync with several caches; name one',
  ],
  [
    ({ scope = 'public' }: { scope?: string }) => !['public', 'user'].includes(scope),
    "has a scope other than 'public' or 'user'",
  ],
  [
    ({ softTimeout, staleIfError }) => softTimeout !== undefined && staleIfError === undefined,
    'has softTimeout without staleIfError; without a stale value there is nothing to return',
  ],
  [
    ({ idle, staleIfError }) => idle !== undefined && staleIfError !== undefined,
    'has both idle and staleIfError; remove one of them, since idle entries are gone before they can be stale',
  ],
];

/** Problems of the options of one operation by themselves, each with its fix. */
export function validateOperation(operation: Operation): string[] {
  const options: AnyOptions = operation.options;
  const broken = RULES.filter(([isBroken]) => isBroken(options, operation)).map(([, problem]) => problem);
  const unknown = Object.keys(options).filter((name) => !KNOWN[operation.kind].includes(name));
  return [
    ...broken,
    ...unknown.map((name) => `has an unknown option '${name}'; known are ${KNOWN[operation.kind].join(', ')}`),
    ...durationProblem('ttl', options.ttl),
    ...durationProblem('idle', options.idle),
    ...durationProblem('staleIfError', options.staleIfError),
    ...durationProblem('softTimeout', options.softTimeout),
    ...durationProblem('hardTimeout', options.hardTimeout),
  ];
}

/** Problems of the combination of operations of one method. */
export function validateCombination(operations: readonly Operation[]): string[] {
  const sync = operations.filter((each) => each.kind === 'cacheable' && each.options.sync === true);
  const storing = operations.filter(({ kind }) => kind !== 'evict');
  const scopes = new Set(storing.map(({ options }) => options.scope ?? 'public'));
  const problems: string[] = [];
  if (hasSideEffects(operations) && operations.some(hasTimeLimit)) {
    problems.push('has a softTimeout or hardTimeout beside a put or an eviction, which must wait for the result');
  }
  if (sync.length > 1) problems.push('has two sync operations; keep one');
  if (sync.length === 1 && operations.length > 1) problems.push('combines a sync operation with others; keep only one');
  const responding = operations.filter((each) => each.kind !== 'evict' && each.options.response !== undefined);
  const several = operations.length > 1 || operations.some(({ options }) => [options.cache].flat().length > 1);
  if (responding.length > 0 && several) problems.push('has a response beside other operations or caches; keep one');
  if (scopes.size > 1) problems.push("stores one result with scope 'user' and 'public'; keep one of them");
  return problems;
}

/** Whether the method does more than return a value, so that its callers must wait for its end. */
export function hasSideEffects(operations: readonly Operation[]): boolean {
  return operations.some(({ kind }) => kind !== 'cacheable');
}

function hasTimeLimit({ options }: { readonly options: AnyOptions }): boolean {
  return (options.softTimeout ?? options.hardTimeout) !== undefined;
}

/** Properties of a decorated method besides its decorators. */
export interface MethodFacts {
  /** Name of the declared return type, if TypeScript emitted it. */
  readonly returned: string | undefined;
  /** Its instances are created per request and may know the caller. */
  readonly perRequest: boolean;
  readonly takesCaller: boolean;
  readonly takesResponse: boolean;
}

/** Problems of operations with the method that they decorate. */
export function validateMethod(operations: readonly Operation[], facts: MethodFacts): string[] {
  const { returned, perRequest, takesCaller, takesResponse } = facts;
  const storing = operations.filter(({ kind }) => kind !== 'evict');
  const undeclared = storing.some(({ options }) => options.scope === undefined);
  const problems: string[] = [];
  if (returned !== undefined && returned !== 'Object' && returned !== 'Promise') {
    problems.push(`returns ${returned}; only methods that return a Promise can be cached`);
  }
  if (takesResponse && storing.length > 0) {
    problems.push('takes @Res() or @Next(), whose output is not cached; return the response instead');
  }
  if (undeclared && (perRequest || takesCaller)) {
    const cause = takesCaller ? 'has a parameter with the caller' : 'belongs to a request-scoped provider';
    problems.push(`${cause}; set scope: 'user', or scope: 'public' if the result is the same for all callers`);
  }
  return problems;
}

function durationProblem(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  try {
    durationMs(name, value);
    return [];
  } catch (error) {
    return [(error as RangeError).message];
  }
}
