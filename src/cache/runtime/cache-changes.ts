import { Inject, Injectable, Optional } from '@nestjs/common';
import { inTransaction, joinTransaction, Outbox, type OutboxEntry, type TransactionSynchronization } from '../../database/index.js';
import type { CacheRegion, Replacement } from '../manager/cache-region.js';
import type { Eviction } from '../storage/cache-storage.js';
import { INVALIDATION_TOPIC } from '../storage/invalidation-message.js';
import { dropSupersededPuts } from './superseded-puts.js';

/** A cache change that results from a method call: an eviction, or a put of the entry that the eviction names. */
export interface Change {
  readonly region: CacheRegion;
  readonly eviction: Eviction;
  readonly put?: Replacement;
}

/** A change, and the outbox row that represents it until Redis has confirmed it. */
interface WrittenChange extends Change {
  row?: OutboxEntry | undefined;
}

/**
 * Applies cache changes after the database commit and guarantees the evictions of every committed change. The last
 * statement of a transaction writes one outbox row per cache; the relay applies the evictions of that row unless this
 * process has done so and deleted it. Without a database there is no outbox, and failed evictions are retried from
 * memory.
 */
@Injectable()
export class CacheChanges {
  private readonly participant: TransactionSynchronization<WrittenChange> = {
    beforeCommit: (changes) => this.write(changes),
    afterCommit: (changes) => this.apply(changes),
  };

  constructor(@Optional() @Inject(Outbox) private readonly outbox: Outbox | undefined) {}

  /** Runs work in the caller's transaction, or in a new one. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.outbox === undefined ? work() : this.outbox.transaction(work);
  }

  /** Applies the changes after the outermost commit; at once without a transaction. Never rejects because of Redis. */
  async schedule(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const own = changes.map((change): WrittenChange => ({ ...change }));
    if (inTransaction()) joinTransaction(this.participant, ...own);
    else await this.apply(own);
  }

  /** Applies the changes at once, whether the caller's transaction commits or not. */
  async applyNow(changes: readonly Change[]): Promise<void> {
    await this.apply(changes);
  }

  private async write(changes: readonly WrittenChange[]): Promise<void> {
    for (const [region, own] of byRegion(changes)) {
      const payload = region.invalidationMessage(own.map(({ eviction }) => eviction));
      if (payload === undefined || this.outbox === undefined) continue;
      const [row] = await this.outbox.add(INVALIDATION_TOPIC, [payload]);
      for (const change of own) change.row = row;
    }
  }

  private async apply(changes: readonly WrittenChange[]): Promise<void> {
    await Promise.all([...byRegion(changes)].map(([region, own]) => this.applyTo(region, own)));
  }

  private async applyTo(region: CacheRegion, changes: readonly WrittenChange[]): Promise<void> {
    const rows = new Set(changes.flatMap(({ row }) => row ?? []));
    let confirmed = true;
    for (const step of inSteps(dropSupersededPuts(changes))) {
      const done = step.put
        ? await region.replace(step.put, rows.size > 0)
        : await region.evictAll(step.evictions, rows.size > 0);
      confirmed &&= done;
    }
    if (confirmed) this.outbox?.confirm([...rows]);
  }
}

type Step =
  | { readonly put: Replacement }
  | { readonly put?: undefined; readonly evictions: Eviction[] };

/** Merges consecutive evictions into one command; a put keeps its position among them. */
function inSteps(changes: readonly Change[]): Step[] {
  const steps: Step[] = [];
  for (const { put, eviction } of changes) {
    const last = steps.at(-1);
    if (put !== undefined) steps.push({ put });
    else if (last !== undefined && last.put === undefined) last.evictions.push(eviction);
    else steps.push({ evictions: [eviction] });
  }
  return steps;
}

function byRegion<T extends Change>(changes: readonly T[]): ReadonlyMap<CacheRegion, T[]> {
  const groups = new Map<CacheRegion, T[]>();
  for (const change of changes) {
    const group = groups.get(change.region);
    if (group === undefined) groups.set(change.region, [change]);
    else group.push(change);
  }
  return groups;
}
