import { CUSTOM_ROUTE_ARGS_METADATA, ROUTE_ARGS_METADATA, RouteParamtypes } from '../../common/index.js';

const OF_CALLER = [RouteParamtypes.REQUEST, RouteParamtypes.HEADERS, RouteParamtypes.SESSION, RouteParamtypes.IP];
const OF_ANSWER = [RouteParamtypes.RESPONSE, RouteParamtypes.NEXT];

/** Whether a route has a parameter that differs between callers: `@Req()`, `@CurrentUser()` and the like. */
export function takesCaller(type: object, method: string): boolean {
  const isCustom = (key: string) => key.includes(CUSTOM_ROUTE_ARGS_METADATA);
  return has(type, method, OF_CALLER) || parametersOf(type, method).some(isCustom);
}

/** Whether a route writes the response itself: `@Res()` or `@Next()`. */
export function takesResponse(type: object, method: string): boolean {
  return has(type, method, OF_ANSWER);
}

function has(type: object, method: string, kinds: readonly RouteParamtypes[]): boolean {
  return parametersOf(type, method).some((key) => kinds.some((kind) => key.startsWith(`${kind}:`)));
}

function parametersOf(type: object, method: string): string[] {
  return Object.keys((Reflect.getMetadata(ROUTE_ARGS_METADATA, type, method) as object | undefined) ?? {});
}
