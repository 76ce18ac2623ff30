/**
 * A user withdraws: at the end of the transaction the account and, by foreign keys, the user's likes and bookmarks are
 * deleted. Until then they can be read, and the account is locked, so that no rows that reference it can be added.
 */
export class UserWithdrawn {
  constructor(readonly userId: string) {}
}

/** A user has changed their nickname. Until the commit the account is locked as for `UserWithdrawn`. */
export class UserRenamed {
  constructor(
    readonly userId: string,
    readonly nickname: string,
  ) {}
}
