/** A review was created. */
export class ReviewWritten {
  constructor(
    readonly reviewId: number,
    readonly placeId: number,
    readonly authorId: string,
  ) {}
}

/** A user liked a review; not published if the like already existed. */
export class ReviewLiked {
  constructor(
    readonly reviewId: number,
    readonly placeId: number,
    /** Null once the author's account is deleted. */
    readonly authorId: string | null,
    readonly likedBy: string,
  ) {}
}
