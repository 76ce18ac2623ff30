/*
 * Domain events; published inside the transaction of the change, before its commit.
 */

/** A place was created. */
export class PlaceCreated {
  static readonly event = 'places.created';

  constructor(
    readonly placeId: number,
    readonly name: string,
    readonly ownerId: string,
  ) {}
}

/** A place was edited, by its owner or by an admin. */
export class PlaceEdited {
  static readonly event = 'places.edited';

  constructor(
    readonly placeId: number,
    readonly name: string,
    /** Database time. */
    readonly editedAt: Date,
    readonly editorId: string,
  ) {}
}

/** A place was deleted, together with its reviews, likes and bookmarks. */
export class PlaceRemoved {
  static readonly event = 'places.removed';

  constructor(readonly placeId: number) {}
}
