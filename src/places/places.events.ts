/*
 * Published inside the transaction that makes the change, before its commit.
 */

/** Somebody has added a place. */
export class PlaceCreated {
  static readonly event = 'places.created';

  constructor(
    readonly placeId: number,
    readonly name: string,
    readonly ownerId: string,
  ) {}
}

/** Somebody has edited a place: its owner or an admin. */
export class PlaceEdited {
  static readonly event = 'places.edited';

  constructor(
    readonly placeId: number,
    readonly name: string,
    /** By the clock of the database. */
    readonly editedAt: Date,
    readonly editorId: string,
  ) {}
}

/** A place is gone, and with it its reviews and marks. */
export class PlaceRemoved {
  static readonly event = 'places.removed';

  constructor(readonly placeId: number) {}
}
