/*
 * Domain events, published inside the transaction that makes the change, before its commit. Database changes and cache
 * evictions of listeners are part of that transaction; a listener that throws rolls it back. Effects of listeners
 * elsewhere must tolerate a rollback.
 */

/**
 * A user withdraws: at the end of the transaction the account and, by foreign keys, the user's likes and bookmarks are
 * deleted. Until then they can be read, and the account is locked, so that no rows that reference it can be added.
 */
export class UserWithdrawn {
  static readonly event = 'users.withdrawn';

  constructor(readonly userId: string) {}
}

/** A user has changed their nickname. Until the commit the account is locked as for `UserWithdrawn`. */
export class UserRenamed {
  static readonly event = 'users.renamed';

  constructor(
    readonly userId: string,
    readonly nickname: string,
  ) {}
}
