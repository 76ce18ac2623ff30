/** A value as somebody saw it: which version of which row, and who wrote it. */
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

/** A read as the reader saw it; `own` names the change that its transaction had made before. */
export interface ReadRecord extends Timed {
  readonly row: Row;
  readonly own?: number;
  /** After all actors have finished. */
  readonly last?: boolean;
}

/**
 * A change. `undone` ones were rolled back, or overwritten by their own transaction: nobody may ever see them. Of
 * `unknown` ones PostgreSQL has not told.
 */
export interface WriteRecord extends Timed {
  readonly by: number;
  readonly version: number | undefined;
  readonly outcome: 'committed' | 'undone' | 'unknown';
  /** Before this nobody else may see it. */
  readonly visibleFrom: number;
}

/** What happened to one key in one round, in one process or in all. */
export interface History {
  readonly id: number;
  readonly reads: readonly ReadRecord[];
  readonly writes: readonly WriteRecord[];
  /** What calls threw though nothing was wrong. */
  readonly failures: readonly string[];
}

/** What the model says about a round. */
export interface Verdict {
  readonly reads: number;
  /** Older than a write that had returned before the read began. */
  readonly stale: number;
  /** Never committed, not yet committed, or of another row. */
  readonly illegal: number;
  /** The last reads are stale: the old value stays until it expires. */
  readonly endedStale: boolean;
}

/** Judges a round by what may be read: a committed version not older than those whose writes had returned before. */
export function judge({ id, reads, writes }: History): Verdict {
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
