/**
 * A user asks to leave. Published inside the transaction that deletes the account, before its commit: a handler that
 * throws stops the withdrawal, and nothing has happened.
 */
export class WithdrawalBegun {
  static readonly event = 'users.withdrawal-begun';

  constructor(readonly userId: string) {}
}

/** A user has left: the account and, by foreign keys, the marks are gone. Published after the commit. */
export class UserWithdrawn {
  static readonly event = 'users.withdrawn';

  constructor(readonly userId: string) {}
}

/** A user has another nickname. Published after the commit. */
export class UserRenamed {
  static readonly event = 'users.renamed';

  constructor(
    readonly userId: string,
    readonly nickname: string,
  ) {}
}
