import type { Form, Wish } from './cache-storage.js';
import { freshToken } from './fresh-token.js';

/** So many lookups go to Redis in one command, which it carries out in well under a millisecond. */
const LOOKUPS_PER_COMMAND = 128;

/**
 * What `READ` says of one lookup: a `hit`, with a token when the caller is to load it anew; a `lease`; or `busy`, with
 * the token of who is loading. The bytes of the last two are past their time.
 */
export type ReadReply = readonly [kind: Buffer, bytes: Buffer | null, token: Buffer, field?: Buffer];

/** How lookups are sent, and who is told what became of them. */
export interface ReadLine {
  /** Runs `READ` once, for the lookups its arguments describe. */
  run(keys: readonly string[], args: readonly (string | number)[]): Promise<readonly ReadReply[]>;
  answered(): void;
  /** No answer came; the lease with that key may have been given all the same, under that token. */
  lost(leaseKey: string, token: string, error: unknown): void;
}

interface Caller {
  resolve(reply: ReadReply): void;
  reject(error: unknown): void;
}

interface Lookup {
  readonly keys: readonly string[];
  readonly form: Form;
  haste: number;
  readonly callers: Caller[];
}

const [LEASE, BUSY, NOTHING] = [Buffer.from('lease'), Buffer.from('busy'), Buffer.alloc(0)];

/**
 * Lookups of one turn of the event loop travel together: one command for all entries of a hash slot, one lookup for all
 * who ask for the same entry. A lookup that has left is never joined, so what a caller gets was read after its call.
 */
export class BatchedReads {
  private readonly slots = new Map<string, Map<string, Lookup>>();

  constructor(
    private readonly line: ReadLine,
    private readonly lives: readonly [leaseMs: number, stampMs: number],
  ) {}

  /**
   * @param slot lookups of the same may share a command
   * @param keys entry, lease and guards
   */
  find(slot: string, keys: readonly string[], { form, haste }: Wish): Promise<ReadReply> {
    const lookups = this.slots.get(slot) ?? this.open(slot);
    return new Promise((resolve, reject) => {
      const id = form + keys.join(' ');
      const same = lookups.get(id);
      if (same === undefined) {
        lookups.set(id, { keys, form, haste, callers: [{ resolve, reject }] });
        if (lookups.size === LOOKUPS_PER_COMMAND) this.send(slot, lookups);
      } else {
        same.callers.push({ resolve, reject });
        same.haste = Math.max(same.haste, haste);
      }
    });
  }

  // Immediates run once all input that has arrived is read: what many connections ask for at a time meets here.
  private open(slot: string): Map<string, Lookup> {
    const lookups = new Map<string, Lookup>();
    this.slots.set(slot, lookups);
    setImmediate(() => this.send(slot, lookups));
    return lookups;
  }

  private send(slot: string, lookups: ReadonlyMap<string, Lookup>): void {
    if (this.slots.get(slot) !== lookups) return;
    this.slots.delete(slot);
    const asked = [...lookups.values()];
    const keys = asked.flatMap((lookup) => lookup.keys);
    const args = asked.flatMap(({ keys: { length }, form, haste }) => [length, form, haste]);
    const token = freshToken();
    this.line.run(keys, [token, ...this.lives, ...args]).then(
      (replies) => {
        this.line.answered();
        asked.forEach(({ callers }, index) => answer(callers, replies[index] as ReadReply));
      },
      (error: unknown) => {
        asked.forEach(({ callers, keys: [, lease = ''] }, index) => {
          this.line.lost(lease, tokenOf(token, index), error);
          for (const caller of callers) caller.reject(error);
        });
      },
    );
  }
}

/** The token that `READ` makes for a lookup. */
function tokenOf(token: string, index: number): string {
  return `${token}.${index}`;
}

/** Of those who asked for the same entry the first gets what there is to load, the others know of it. */
function answer([first, ...others]: readonly Caller[], reply: ReadReply): void {
  first?.resolve(reply);
  if (others.length === 0) return;
  const [kind, bytes, token, field] = reply;
  const known: ReadReply = kind.equals(LEASE) ? [BUSY, bytes, token] : [kind, bytes, NOTHING, field];
  for (const other of others) other.resolve(kind.equals(BUSY) ? reply : known);
}
