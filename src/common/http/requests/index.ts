export { rejectMalformedInput } from './reject-malformed-input.js';
export { readJsonBodies } from './json-bodies.js';
export { acceptAnyHead, refusalOf, refuseRequests } from './request-refusals.js';
export { parseQuery, routableTarget, UNREADABLE_TARGET } from './request-target.js';
export { followResponses, serveWithoutUpgrade } from './upgrades.js';
