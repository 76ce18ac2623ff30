import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';

/**
 * Adds to what the server keeps with a route and hooks of it read (`routeOptions.config`). Nest's own `@RouteConfig`
 * would forget what another decorator of the same route has said.
 * @example AddRouteConfig({ readyAnswer: source })
 */
export function AddRouteConfig(config: Readonly<Record<string, unknown>>): MethodDecorator {
  return (prototype, name, descriptor: PropertyDescriptor) => {
    const said = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object) as object | undefined;
    RouteConfig({ ...said, ...config })(prototype, name, descriptor);
  };
}
