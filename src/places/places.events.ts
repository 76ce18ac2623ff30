/** A place is gone, and with it its reviews and marks. Published inside the transaction. */
export class PlaceRemoved {
  static readonly event = 'places.removed';

  constructor(readonly placeId: number) {}
}
