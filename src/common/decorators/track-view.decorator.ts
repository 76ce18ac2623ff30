import { AddRouteConfig } from './add-route-config.decorator.js';

/** Key in the route configuration that names the path parameter with the place id. */
export const VIEWED_PLACE = 'viewedPlace';

/**
 * Counts each 200 or 304 response of a route, including those served from the cache, as a view of the place in its
 * path. For authenticated callers the place also becomes their most recent one. Adds no latency to the request.
 *
 * @param parameter path parameter with the place id
 * @example
 * `@TrackView('id')`
 * `@Get(':id')`
 */
export function TrackView(parameter: string): MethodDecorator {
  return AddRouteConfig({ [VIEWED_PLACE]: parameter });
}
