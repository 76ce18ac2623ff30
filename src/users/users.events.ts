/*
 * Published inside the transaction that makes the change, before its commit. What listeners do in the database or evict
 * belongs to that transaction; one that throws undoes it; what they do elsewhere must bear to have been for nothing.
 */

/** A user leaves: the account and, by foreign keys, the marks are deleted. */
export class UserWithdrawn {
  static readonly event = 'users.withdrawn';

  constructor(readonly userId: string) {}
}

/** A user has another nickname. */
export class UserRenamed {
  static readonly event = 'users.renamed';

  constructor(
    readonly userId: string,
    readonly nickname: string,
  ) {}
}
