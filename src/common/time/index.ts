export { settlesWithin, TimeLimit } from './time-limit.js';
