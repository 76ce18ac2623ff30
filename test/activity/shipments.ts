/** As many places as the shipments name. */
export const PLACES = 7;

/** What a sender sends under a number: everybody can tell what it was. */
export function shipment(number: number): Map<number, number> {
  return new Map([
    [1 + (number % PLACES), 1 + (number % 3)],
    [1 + ((number + 3) % PLACES), 1],
  ]);
}

/** Adds up by place what was sent up to a number. */
export function addShipments(sums: Map<number, number>, upTo: number): void {
  for (let number = 1; number <= upTo; number += 1) {
    for (const [placeId, views] of shipment(number)) sums.set(placeId, (sums.get(placeId) ?? 0) + views);
  }
}
