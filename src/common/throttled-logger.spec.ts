import { Logger } from '@nestjs/common';
import { ThrottledLogger } from './throttled-logger.js';

describe('ThrottledLogger', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const logged = () => warn.mock.calls.map(([message]) => String(message));
  beforeEach(() => warn.mockClear());
  afterEach(() => jest.useRealTimers());

  it('logs each key once', () => {
    const logger = new ThrottledLogger(new Logger());
    for (const message of ['first', 'second']) for (const key of ['one', 'two']) logger.warn(key, `${key}: ${message}`);
    expect(logged()).toEqual(['one: first', 'two: first']);
  });

  it('logs a key again after the interval', () => {
    jest.useFakeTimers();
    const logger = new ThrottledLogger(new Logger(), 1_000);
    for (const advanceMs of [0, 999, 1, 999]) {
      jest.advanceTimersByTime(advanceMs);
      logger.warn('key', `at ${performance.now()}`);
    }
    expect(logged()).toHaveLength(2);
  });

  it('logs a key again after reset', () => {
    const logger = new ThrottledLogger(new Logger());
    for (const key of ['one', 'two', 'one']) logger.warn(key, key);
    logger.reset('one');
    for (const key of ['one', 'two']) logger.warn(key, key);
    logger.reset();
    for (const key of ['one', 'two']) logger.warn(key, key);
    expect(logged()).toEqual(['one', 'two', 'one', 'one', 'two']);
  });

  it('passes the details to the logger', () => {
    new ThrottledLogger(new Logger()).warn('key', 'message', 'stack');
    expect(warn).toHaveBeenCalledWith('message', 'stack');
  });

  it('remembers a bounded number of keys', () => {
    const logger = new ThrottledLogger(new Logger());
    for (let key = 0; key < 1_000; key += 1) logger.warn(String(key), 'message');
    expect((logger as unknown as { loggedAt: Map<string, number> }).loggedAt.size).toBeLessThanOrEqual(100);
  });
});
