import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { inTransaction } from '../transaction.js';

type Handler = (event: object) => Promise<void> | void;

/**
 * Publishes domain events in the transaction of the change. Database changes and cache evictions of a handler
 * (`@OnDomainEvent`) are part of that transaction, and an error of a handler rolls it back. Effects of handlers
 * elsewhere must tolerate a rollback.
 */
@Injectable()
export class DomainEvents {
  constructor(private readonly emitter: EventEmitter2) {}

  /**
   * Runs the handlers of the event's class one after another, since they share the connection of the transaction.
   * @throws Error outside a transaction; the error of the first handler that fails, after which no other handler runs
   */
  async publish(event: object): Promise<void> {
    const { name } = event.constructor;
    if (!inTransaction()) throw new Error(`${name} needs the transaction of its change: publish it there`);
    for (const handle of [...(this.emitter.listeners(name) as readonly Handler[])]) await handle(event);
  }
}
