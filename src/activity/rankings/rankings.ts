import { Injectable } from '@nestjs/common';
import type { PageRequest, Slice } from '../../common/index.js';
import { PlaceMarksService, PlacesService } from '../../places/index.js';
import { ReviewsService } from '../../reviews/index.js';
import { ViewCountsRepository } from '../views/view-counts.repository.js';
import { RankingStore, type RankedPlace, type RankingWindow } from './ranking-store.js';

const HOUR_MS = 3_600_000;
const HOURS: Readonly<Record<RankingWindow, number>> = { day: 24, week: 24 * 7 };
/** Places per ranking; places below are not listed as popular. */
const MAX_PLACES = 1_000;
const MAX_SCORE = 1_000_000;
/** Minimum interval between rebuilds of one ranking by one process while Redis is unavailable. */
const REBUILD_INTERVAL_MS = 5_000;
/** Greater than any place id. Position = score × this + id, so the newest place is first among equal scores. */
const ID_RANGE = 2 ** 31;

/** Popularity rankings of places, by views, likes, bookmarks and reviews of the last day or week. */
@Injectable()
export class Rankings {
  private readonly rebuilt = new Map<RankingWindow, { at: number; ranking: Promise<RankedPlace[]> }>();

  constructor(
    private readonly store: RankingStore,
    private readonly views: ViewCountsRepository,
    private readonly marks: PlaceMarksService,
    private readonly reviews: ReviewsService,
    private readonly places: PlacesService,
  ) {}

  /**
   * One page of a ranking of at most 1,000 places, some of which may be deleted. If Redis is unavailable or has lost
   * the ranking, it is rebuilt from PostgreSQL: one query at a time, at most every five seconds per process.
   */
  async page(window: RankingWindow, { after, limit }: PageRequest): Promise<Slice<number>> {
    const below = after === null ? null : Number(after[0]);
    const stored = await this.store.read(window, below, limit + 1).catch(() => null);
    const found = stored ?? (await this.rebuild(window)).filter(({ position }) => below === null || position < below);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(({ placeId }) => placeId),
      next: last === undefined || found.length <= limit ? null : [last.position],
    };
  }

  /** Rebuilds the rankings, and stores the weekly scores with the places (`sort=popular` sorts by them). */
  async rank(): Promise<void> {
    await this.store.save('day', await this.find('day'));
    const scores = await this.findScores('week');
    await this.store.save('week', topOf(scores));
    await this.places.setPopularity(scores);
  }

  private rebuild(window: RankingWindow): Promise<RankedPlace[]> {
    const last = this.rebuilt.get(window);
    if (last !== undefined && performance.now() - last.at < REBUILD_INTERVAL_MS) return last.ranking;
    const ranking = this.findAndSave(window);
    this.rebuilt.set(window, { at: performance.now(), ranking });
    ranking.catch(() => this.rebuilt.delete(window));
    return ranking;
  }

  private async findAndSave(window: RankingWindow): Promise<RankedPlace[]> {
    const ranking = await this.find(window);
    // If Redis is unavailable, the ranking only serves the current callers and is rebuilt later.
    await this.store.save(window, ranking).catch(() => undefined);
    return ranking;
  }

  private async find(window: RankingWindow): Promise<RankedPlace[]> {
    return topOf(await this.findScores(window));
  }

  /** Score of every place with activity in the current hour or the hours of the window before it. */
  private async findScores(window: RankingWindow): Promise<Map<number, number>> {
    const since = new Date((Math.floor(Date.now() / HOUR_MS) - HOURS[window] + 1) * HOUR_MS);
    const views = await this.views.countSince(since);
    const marks = await this.marks.countSince(since);
    const reviews = await this.reviews.countSince(since);
    const ids = new Set([...views.keys(), ...marks.keys(), ...reviews.keys()]);
    const countOf = (counts: ReadonlyMap<number, number>, id: number) => counts.get(id) ?? 0;
    return new Map([...ids].map((id) => [id, scoreOf(countOf(views, id), countOf(marks, id), countOf(reviews, id))]));
  }
}

/**
 * Views count logarithmically, so that a client cannot make a place popular by requesting it a thousand times; views
 * and likes are weighted as in Discourse's top topics (ADR-0056).
 */
function scoreOf(views: number, marks: number, reviews: number): number {
  return Math.min(MAX_SCORE, Math.round(20 * Math.log10(1 + views)) + 5 * marks + 10 * reviews);
}

/** The places with the highest scores; ties are broken by newest first. */
function topOf(scores: ReadonlyMap<number, number>): RankedPlace[] {
  const positions = Float64Array.from(scores, ([placeId, score]) => score * ID_RANGE + placeId).sort();
  const highest = positions.subarray(-MAX_PLACES).reverse();
  return Array.from(highest, (position) => ({ placeId: position % ID_RANGE, position }));
}
