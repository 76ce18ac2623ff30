export { clientNetwork } from './client-network.js';
export { FailureDelay, type Attempt, type DelayRule } from './failure-delay.js';
export { FixedWindow } from './fixed-window.js';
export { Charge } from './requests/charge.js';
export { limitRequests, openChargeOf } from './requests/limit-requests.http.js';
export { CountedByAddress, RateLimit } from './requests/rate-limit.decorator.js';
export { RequestLimits, type RouteLimit } from './requests/request-limits.js';
export { RateLimitedError } from './rate-limit.errors.js';
export { RateLimitModule } from './rate-limit.module.js';
