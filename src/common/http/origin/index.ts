export { isFromHere } from './is-from-here.js';
export { TrustedProxies } from './trusted-proxies.js';
