/** A version of a row; `by` identifies the write, 0 for the initial state. */
export interface Row {
  readonly id: number;
  readonly version: number;
  readonly by: number;
}

/** Times are nanoseconds of the clock that all processes of the machine share. */
interface Timed {
  readonly began: number;
  readonly returned: number;
}

/** A read and its result; `own` identifies the preceding write of its own transaction. */
export interface ReadRecord extends Timed {
  readonly row: Row;
  readonly own?: number;
  /** A final read, after all actors have finished. */
  readonly last?: boolean;
}

/**
 * A write. `undone`: rolled back, or overwritten by its own transaction, and never visible to others. `unknown`:
 * PostgreSQL did not confirm the commit.
 */
export interface WriteRecord extends Timed {
  readonly by: number;
  readonly version: number | undefined;
  readonly outcome: 'committed' | 'undone' | 'unknown';
  /** Earliest time at which others may read it. */
  readonly visibleFrom: number;
}

/** Operations on one row in one round, of one process or of all. */
export interface History {
  readonly id: number;
  readonly reads: readonly ReadRecord[];
  readonly writes: readonly WriteRecord[];
  /** Unexpected errors. */
  readonly failures: readonly string[];
}

/** Result of the check of one round. */
export interface CheckResult {
  readonly reads: number;
  /** Reads older than a write that had returned before the read began. */
  readonly stale: number;
  /** Reads of a value never committed, not yet committed, or of another row. */
  readonly illegal: number;
  /** Whether the final reads are stale: the old value stays until it expires. */
  readonly endedStale: boolean;
}

/**
 * Checks a round: a read must return a committed version no older than the writes that had
 * returned before it began.
 */
export function checkHistory({ id, reads, writes }: History): CheckResult {
  const returned = writes.filter(({ outcome }) => outcome === 'committed').sort((a, b) => a.returned - b.returned);
  const byWriter = new Map(writes.map((write) => [write.by, write]));
  const isLegal = (read: ReadRecord) => {
    if (read.row.id !== id) return false;
    if (read.own !== undefined) return read.row.by === read.own;
    if (read.row.by === 0) return read.row.version === 0;
    const write = byWriter.get(read.row.by);
    if (write === undefined || write.outcome === 'undone') return false;
    return (write.version ?? read.row.version) === read.row.version && write.visibleFrom < read.returned;
  };
  const isStale = ({ row, began, own }: ReadRecord) =>
    own === undefined && returned.some((write) => write.returned < began && (write.version ?? 0) > row.version);
  const legal = reads.filter(isLegal);
  const stale = legal.filter(isStale);
  return {
    reads: reads.length,
    stale: stale.length,
    illegal: reads.length - legal.length,
    endedStale: stale.some(({ last }) => last === true),
  };
}
