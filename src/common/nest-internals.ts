/**
 * Undocumented parts of Nest, checked with Nest 12.5; to be checked with every upgrade.
 *
 * - Metadata keys of decorators: `@ServeFromCache` bypasses what they do, so it refuses routes that have them.
 * - Parameters of routes: the cache has to know whether a method has the caller or the response as a parameter.
 * - `FASTIFY_ROUTE_CONFIG_METADATA`: `@RouteConfig` overwrites the configuration of other decorators.
 * - `InstanceWrapper`: the public `DiscoveryService` returns it, but no package exports the type.
 */
export {
  CUSTOM_ROUTE_ARGS_METADATA, EXCEPTION_FILTERS_METADATA, GUARDS_METADATA, HEADERS_METADATA, HTTP_CODE_METADATA,
  INTERCEPTORS_METADATA, PIPES_METADATA, REDIRECT_METADATA, ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
export { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
export type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
export { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
