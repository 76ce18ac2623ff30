/** A place was created. */
export class PlaceCreated {
  constructor(
    readonly placeId: number,
    readonly name: string,
    readonly ownerId: string,
  ) {}
}

/** A place was edited, by its owner or by an admin. */
export class PlaceEdited {
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
  constructor(readonly placeId: number) {}
}
