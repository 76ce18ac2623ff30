import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '../nest-internals.js';

/**
 * Adds to the Fastify configuration of a route, which hooks read (`routeOptions.config`). Nest's own `@RouteConfig`
 * would overwrite the configuration set by another decorator of the same route.
 * @example AddRouteConfig({ viewedPlace: 'id' })
 */
export function AddRouteConfig(config: Readonly<Record<string, unknown>>): MethodDecorator {
  return (prototype, name, descriptor: PropertyDescriptor) => {
    const existing: unknown = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object);
    RouteConfig({ ...(existing as object | undefined), ...config })(prototype, name, descriptor);
  };
}
