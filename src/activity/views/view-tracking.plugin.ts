import type { AbstractHttpAdapter } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest, onResponseHookHandler } from 'fastify';
import { toId, VIEWED_PLACE, type AuthUser } from '../../common/index.js';

type RouteConfig = { readonly [VIEWED_PLACE]?: string } | undefined;

/** @param viewer user id; undefined if the caller is not authenticated */
export type OnView = (placeId: number, viewer: string | undefined) => void;

/** Calls `onView` for each view on routes with `@TrackView`; must be registered before the routes. */
export function viewTracking(adapter: AbstractHttpAdapter, onView: OnView): void {
  adapter.getInstance<FastifyInstance>().addHook('onRoute', (route) => {
    const config: RouteConfig = route.config;
    const parameter = config?.[VIEWED_PLACE];
    // Fastify also adds a HEAD route, whose responses have no body: not a view.
    if (parameter === undefined || route.method !== 'GET') return;
    route.onResponse = [...[route.onResponse ?? []].flat(), hookOf(parameter, onView)];
  });
}

/** `onResponse` hook, so that responses sent from the cache before Nest runs are counted, too. */
function hookOf(parameter: string, onView: OnView): onResponseHookHandler {
  return (request: FastifyRequest & { readonly user?: AuthUser }, { statusCode }, done) => {
    if (statusCode === 200 || statusCode === 304) {
      onView(toId((request.params as Record<string, string>)[parameter]), request.user?.userId);
    }
    done();
  };
}
