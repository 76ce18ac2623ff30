import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '../nest-internals.js';

/**
 * Adds to the Fastify configuration of a route, which hooks read (`routeOptions.config`). Nest's own `@RouteConfig`
 * would overwrite the configuration set by another decorator of the same route.
 * @example AddRouteConfig({ readyAnswer: source })
 */
export function AddRouteConfig(config: Readonly<Record<string, unknown>>): MethodDecorator {
  return (prototype, name, descriptor: PropertyDescriptor) => {
    const said = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object) as object | undefined;
    RouteConfig({ ...said, ...config })(prototype, name, descriptor);
  };
}
