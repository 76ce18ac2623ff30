/** Number of places in the shipments. */
export const PLACES = 7;

/** Views by place that a sender sends under a number; a function of the number, so that the sums can be computed. */
export function shipment(number: number): Map<number, number> {
  return new Map([
    [1 + (number % PLACES), 1 + (number % 3)],
    [1 + ((number + 3) % PLACES), 1],
  ]);
}

/** Adds the views of all shipments up to a number to the sums by place. */
export function addShipments(sums: Map<number, number>, upTo: number): void {
  for (let number = 1; number <= upTo; number += 1) {
    for (const [placeId, views] of shipment(number)) sums.set(placeId, (sums.get(placeId) ?? 0) + views);
  }
}
