/*
 * Published inside the transaction that makes the change, before its commit. What listeners do in the database or evict
 * belongs to that transaction; one that throws undoes it; what they do elsewhere must bear to have been for nothing.
 */

/**
 * A user leaves: at the end of the transaction the account and, by foreign keys, the marks are deleted. Until then they
 * can be read, and the account is locked, so that nothing is added that refers to it.
 */
export class UserWithdrawn {
  static readonly event = 'users.withdrawn';

  constructor(readonly userId: string) {}
}

/** A user has another nickname. Until the commit the account is locked as for `UserWithdrawn`. */
export class UserRenamed {
  static readonly event = 'users.renamed';

  constructor(
    readonly userId: string,
    readonly nickname: string,
  ) {}
}
