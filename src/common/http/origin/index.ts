export { isSameOrigin } from './is-same-origin.js';
export { TrustedProxies } from './trusted-proxies.js';
