import { applyDecorators, type Type } from '@nestjs/common';
import { AddRouteConfig, Public } from '../../common/index.js';

/** Values of the path parameters, by name. */
export type PathParameters = Readonly<Record<string, string>>;

/** Service method that provides the response of a route, and its arguments. */
export interface CachedResponseSource {
  readonly service: Type<object>;
  readonly method: string;
  argumentsOf(parameters: PathParameters): readonly unknown[];
}

type ArgumentsOf<M> = M extends (...args: infer A) => Promise<unknown> ? A : never;

/** Key of the route configuration that holds the `CachedResponseSource`. */
export const CACHED_RESPONSE = 'readyAnswer';

/**
 * Makes a route public, and sends callers without an access token the response that `@Cacheable({ response })` has
 * stored, before the guards, pipes and handler of Nest: those would take most of the time of a hit. The handler serves
 * signed-in callers. So the route may have no guard, role, interceptor, filter, pipe, header, redirect or status of its
 * own; otherwise the application does not start.
 *
 * @param argumentsOf reads the path; when it throws, the request goes to the handler, whose pipes report the error
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
