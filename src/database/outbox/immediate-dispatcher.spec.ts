import { OutboxEntry } from './outbox-entry.js';
import { OutboxHandlers } from './outbox-handlers.js';
import { ImmediateDispatcher } from './immediate-dispatcher.js';
import { until } from '../../../test/support/until.js';

const entries = (...payloads: unknown[]) => payloads.map((payload) => new OutboxEntry('orders', payload));

describe('ImmediateDispatcher', () => {
  let handlers: OutboxHandlers;
  let dispatcher: ImmediateDispatcher;
  let confirmed: unknown[];
  /** Payloads passed to the handler, by batch. */
  let batches: unknown[][];
  let finish: () => void;

  beforeEach(() => {
    handlers = new OutboxHandlers();
    confirmed = [];
    batches = [];
    dispatcher = new ImmediateDispatcher(handlers, (done) => confirmed.push(...done.map(({ payload }) => payload)));
  });

  /** Sets a handler whose call ends with `finish`. */
  const handleSlowly = () =>
    handlers.set('orders', (rows) => {
      batches.push(rows.map(({ payload }) => payload));
      return new Promise((resolve) => (finish = resolve));
    });

  it('handles messages immediately and confirms them', async () => {
    handlers.set('orders', () => Promise.resolve());
    dispatcher.push('orders', entries(1, 2));
    await until(() => confirmed.length === 2);
    dispatcher.push('orders', entries(3));
    await until(() => confirmed.length === 3);
    expect(confirmed).toEqual([1, 2, 3]);
  });

  it('leaves a failed message to the relay and continues', async () => {
    handlers.set('orders', ([row]) => (row?.payload === 1 ? Promise.reject(new Error('no')) : Promise.resolve()));
    dispatcher.push('orders', entries(1));
    dispatcher.push('orders', entries(2));
    await until(() => confirmed.length > 0);
    expect(confirmed).toEqual([2]);
  });

  it('gives a handler one batch at a time, of up to 1,000 messages', async () => {
    handleSlowly();
    dispatcher.push('orders', entries('first'));
    for (let n = 0; n < 1_500; n += 1) dispatcher.push('orders', entries(n));
    expect(batches).toEqual([['first']]);
    for (let batch = 2; batch <= 11; batch += 1) {
      finish();
      await until(() => batches.length === batch);
    }
    expect(batches.slice(1).flat()).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    finish();
    await until(() => confirmed.length === 1_001);
  });

  it('handles topics independently', async () => {
    handleSlowly();
    handlers.set('others', () => Promise.resolve());
    dispatcher.push('orders', entries(1));
    dispatcher.push('others', [new OutboxEntry('others', 2)]);
    await until(() => confirmed.length > 0);
    expect(confirmed).toEqual([2]);
    finish();
  });

  it('starts nothing once it is closed', async () => {
    handleSlowly();
    dispatcher.push('orders', entries(1));
    dispatcher.push('orders', entries(2));
    dispatcher.close();
    finish();
    await until(() => confirmed.length > 0);
    dispatcher.push('orders', entries(3));
    await new Promise((resolve) => setImmediate(resolve));
    expect({ batches, confirmed }).toEqual({ batches: [[1]], confirmed: [1] });
  });
});
