import type { FastifyInstance, FastifyRequest, onResponseHookHandler } from 'fastify';
import { toId, VIEWED_PLACE, type AuthUser } from '../../common/index.js';
import type { RecentPlaces } from '../recent/recent-places.js';
import type { ViewCounter } from './view-counter.js';

type RouteConfig = { readonly [VIEWED_PLACE]?: string } | undefined;

interface ViewTrackingOptions {
  readonly counter: ViewCounter;
  readonly recent: RecentPlaces;
}

/** Counts each view on routes with `@TrackView`, and records it for the signed-in viewer. */
export function viewTracking(server: FastifyInstance, options: ViewTrackingOptions): void {
  server.addHook('onRoute', (route) => {
    const config: RouteConfig = route.config;
    const parameter = config?.[VIEWED_PLACE];
    // Fastify also adds a HEAD route, whose responses have no body: not a view.
    if (parameter === undefined || route.method !== 'GET') return;
    route.onResponse = [...[route.onResponse ?? []].flat(), hookOf(parameter, options)];
  });
}

/** `onResponse` hook, so that responses sent from the cache before Nest runs are counted, too. */
function hookOf(parameter: string, { counter, recent }: ViewTrackingOptions): onResponseHookHandler {
  return (request: FastifyRequest & { readonly user?: AuthUser }, { statusCode }, done) => {
    if (statusCode === 200 || statusCode === 304) {
      const placeId = toId((request.params as Record<string, string>)[parameter]);
      counter.count(placeId);
      if (request.user !== undefined) recent.record(request.user.userId, placeId);
    }
    done();
  };
}
