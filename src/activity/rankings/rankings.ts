import { Injectable } from '@nestjs/common';
import type { PageRequest } from '../../database/index.js';
import type { PageOfIds } from '../page-of-ids.js';
import { RANKING_WINDOWS, RankingStore, type Ranked, type RankingWindow } from './ranking-store.js';
import { RankingsRepository } from './rankings.repository.js';

const HOURS: Readonly<Record<RankingWindow, number>> = { day: 24, week: 24 * 7 };
/** Places per ranking; places below that do not count as popular. */
const PLACES = 1_000;
/** Scores written per statement, and per run. */
const NOTED_AT_ONCE = 500;
const UPDATES_PER_RUN = 20_000;
/** Minimum interval between rebuilds of one ranking by one process while Redis is unavailable. */
const REMAKE_AFTER_MS = 5_000;
/** Greater than any place id, so that the id breaks ties between equal scores: newest place first. */
const IDS = 2 ** 31;

/** Popularity rankings of places, by views, likes, bookmarks and reviews of the last day or week. */
@Injectable()
export class Rankings {
  private readonly made = new Map<RankingWindow, { readonly at: number; readonly ranking: Promise<Ranked[]> }>();

  constructor(
    private readonly store: RankingStore,
    private readonly scores: RankingsRepository,
  ) {}

  /**
   * One page of a ranking of at most 1,000 places, some of which may be deleted. If Redis is unavailable or has lost
   * the ranking, it is rebuilt from PostgreSQL: one query at a time, at most every five seconds per process.
   */
  async page(window: RankingWindow, { after, limit }: PageRequest): Promise<PageOfIds> {
    const below = after === null ? null : Number(after[0]);
    const kept = await this.store.read(window, below, limit + 1).catch(() => null);
    const found = kept ?? (await this.remake(window)).filter(({ position }) => below === null || position < below);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      ids: page.map(({ placeId }) => placeId),
      next: last === undefined || found.length <= limit ? null : [last.position],
    };
  }

  /** Rebuilds the rankings, and writes the weekly scores to the places (`sort=popular` sorts by them). */
  async rank(): Promise<void> {
    for (const window of RANKING_WINDOWS) await this.store.save(window, await this.find(window));
    const changed = await this.scores.findChanged(HOURS.week, UPDATES_PER_RUN);
    for (let at = 0; at < changed.length; at += NOTED_AT_ONCE) {
      await this.scores.updateScores(changed.slice(at, at + NOTED_AT_ONCE));
    }
  }

  private remake(window: RankingWindow): Promise<Ranked[]> {
    const last = this.made.get(window);
    if (last !== undefined && performance.now() - last.at < REMAKE_AFTER_MS) return last.ranking;
    const ranking = this.findAndKeep(window);
    this.made.set(window, { at: performance.now(), ranking });
    ranking.catch(() => this.made.delete(window));
    return ranking;
  }

  private async findAndKeep(window: RankingWindow): Promise<Ranked[]> {
    const ranking = await this.find(window);
    // If Redis is unavailable, the ranking only serves the current callers and is rebuilt later.
    await this.store.save(window, ranking).catch(() => undefined);
    return ranking;
  }

  private async find(window: RankingWindow): Promise<Ranked[]> {
    const top = await this.scores.findTop(HOURS[window], PLACES);
    return top.map(({ placeId, score }) => ({ placeId, position: score * IDS + placeId }));
  }
}
