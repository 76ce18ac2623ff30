/*
 * Published inside the transaction that makes the change, before its commit.
 */

/** Somebody has reviewed a place. */
export class ReviewWritten {
  static readonly event = 'reviews.written';

  constructor(
    readonly reviewId: number,
    readonly placeId: number,
    readonly authorId: string,
  ) {}
}

/** A user likes a review and has not liked it a moment ago. */
export class ReviewLiked {
  static readonly event = 'reviews.liked';

  constructor(
    readonly reviewId: number,
    readonly placeId: number,
    /** Null when the author has left. */
    readonly authorId: string | null,
    readonly likedBy: string,
  ) {}
}
