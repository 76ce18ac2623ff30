import { applyDecorators, type Type } from '@nestjs/common';
import { AddRouteConfig, Public } from '../../common/index.js';

/** What a path says, by the names of its parameters. */
export type PathParameters = Readonly<Record<string, string>>;

/** Which method answers a route, and with which arguments. */
export interface CachedResponseSource {
  readonly service: Type<object>;
  readonly method: string;
  argumentsOf(parameters: PathParameters): readonly unknown[];
}

type ArgumentsOf<M> = M extends (...args: infer A) => Promise<unknown> ? A : never;

/** Where the configuration of a route names the source of its answers. */
export const CACHED_RESPONSE = 'readyAnswer';

/**
 * Makes a route public, and answers whoever sends no access token with what `@Cacheable({ answer })` keeps ready to
 * send, before the guards, pipes and handler of Nest: those would take most of the time of a hit. The handler is for
 * callers who are signed in. So the route may have no guard, role, interceptor, filter, pipe, header, redirect or
 * status of its own; the application does not start otherwise.
 *
 * @param argumentsOf reads the path; when it throws, the request goes to the handler, whose pipes say what is wrong
 * @example
 * `@ServeFromCache(PlacesService, 'get', ({ id }) => [toId(id)])`
 * `@Get(':id')`
 */
export function ServeFromCache<T extends object, K extends keyof T & string>(
  service: Type<T>,
  method: K,
  argumentsOf: (parameters: PathParameters) => readonly [...ArgumentsOf<T[K]>],
): MethodDecorator {
  return applyDecorators(Public(), AddRouteConfig({ [CACHED_RESPONSE]: { service, method, argumentsOf } }));
}
