import type { AbstractHttpAdapter } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest, onResponseHookHandler } from 'fastify';
import { toId, type AuthUser } from '../../common/index.js';
import { COUNTS_VIEW } from './track-view.decorator.js';

type RouteConfig = { readonly [COUNTS_VIEW]?: string } | undefined;

/** @param viewer undefined for who is not signed in */
export type OnView = (placeId: number, viewer: string | undefined) => void;

/** Tells of views on routes with `@TrackView`; to be called before there are routes. */
export function viewTracking(adapter: AbstractHttpAdapter, onView: OnView): void {
  adapter.getInstance<FastifyInstance>().addHook('onRoute', (route) => {
    const config: RouteConfig = route.config;
    const parameter = config?.[COUNTS_VIEW];
    // Fastify makes a route for HEAD of it, too, whose callers see nothing.
    if (parameter === undefined || route.method !== 'GET') return;
    route.onResponse = [...[route.onResponse ?? []].flat(), hookOf(parameter, onView)];
  });
}

/** After the answer, so that also those are seen which were given before Nest began. */
function hookOf(parameter: string, onView: OnView): onResponseHookHandler {
  return (request: FastifyRequest & { readonly user?: AuthUser }, { statusCode }, done) => {
    if (statusCode === 200 || statusCode === 304) {
      onView(toId((request.params as Record<string, string>)[parameter]), request.user?.id);
    }
    done();
  };
}
