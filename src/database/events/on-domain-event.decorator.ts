import type { Type } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';

/**
 * Handles each event of a class in the transaction that publishes it; an error rolls that transaction back.
 * @example
 * `@OnDomainEvent(PlaceRemoved)`
 * `async deletePhotos({ placeId }: PlaceRemoved): Promise<void> { … }`
 */
export function OnDomainEvent<E extends object>(type: Type<E>) {
  return <H extends (event: E) => Promise<unknown>>(
    prototype: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    // Nest's default logs the errors of handlers and lets the transaction commit.
    OnEvent(type.name, { suppressErrors: false })(prototype, method, descriptor);
  };
}
