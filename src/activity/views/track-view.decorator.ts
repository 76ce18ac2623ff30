import { AddRouteConfig } from '../../common/index.js';

/** Where the configuration of a route names the parameter of its path that is the place. */
export const COUNTS_VIEW = 'countsView';

/**
 * Counts each answer of a route (200 or 304) as a view of the place that its path names, whoever gives the answer; for
 * callers who are signed in the place becomes their most recent one. The request waits for nothing of this.
 *
 * @param parameter of the path
 * @example
 * `@TrackView('id')`
 * `@Get(':id')`
 */
export function TrackView(parameter: string): MethodDecorator {
  return AddRouteConfig({ [COUNTS_VIEW]: parameter });
}
