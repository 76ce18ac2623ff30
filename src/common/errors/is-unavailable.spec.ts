import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { AppError } from './app-error.js';
import { isUnavailable, LIBRARY_TEXTS } from './is-unavailable.js';
import { UnavailableError } from './unavailable-error.js';

const withCode = (code: string) => Object.assign(new Error('any text'), { code });
const detail = { en: '', ko: '' };

class AnyClientError extends UnavailableError {}

describe('isUnavailable', () => {
  it.each([
    ['an error of kind `unavailable`', new AppError({ kind: 'unavailable', code: 'ANY', detail })],
    ['an error of a module that owns a client', new AnyClientError('any text')],
    ['an error of that kind that TypeORM wraps', new QueryFailedError('SELECT 1', [], new AnyClientError('any text'))],
    ['a refused connection', withCode('ECONNREFUSED')],
    ['a refused connection to each address of a host', new AggregateError([withCode('ECONNREFUSED')])],
    ['a shutdown of PostgreSQL', withCode('57P01')],
    ['a deadlock', withCode('40P01')],
    ['a standby', withCode('25006')],
    ['a full Redis', new Error("OOM command not allowed when used memory > 'maxmemory'.")],
    ['a Redis that runs a long script', new Error('BUSY Redis is busy running a script.')],
    ['a released connection', new QueryRunnerAlreadyReleasedError()],
    ['the manager of a released connection', new QueryRunnerProviderAlreadyReleasedError()],
    ...Object.values(LIBRARY_TEXTS).flat().map((text) => [text, new Error(`${text} (and more)`)]),
  ] as [string, Error][])('is true for %s', (_error, error) => {
    expect(isUnavailable(error)).toBe(true);
  });

  it('is true for commands of a connection without retries', async () => {
    const redis = new Redis({ port: 1, maxRetriesPerRequest: 0, retryStrategy: () => 1 }).on('error', () => undefined);
    expect(isUnavailable(await redis.get('key').catch((error: unknown) => error))).toBe(true);
    redis.disconnect();
  });

  it.each([
    ['an error of another kind', new AppError({ kind: 'conflict', code: 'ANY', detail })],
    ['a violated constraint', withCode('23505')],
    ['an error that mentions an outage', new Error('Redis is down, unavailable and timed out')],
    ['a reply that mentions an error code', new Error('ERR not OOM')],
    ['a text', 'Connection is closed.'],
  ])('is false for %s', (_error, error) => {
    expect(isUnavailable(error)).toBe(false);
  });

  it.each(Object.entries(LIBRARY_TEXTS))('recognizes texts that %s contains', (file, texts) => {
    const source = readFileSync(join('node_modules', file), 'utf8');
    expect(texts.filter((text) => !source.includes(text))).toEqual([]);
  });
});
