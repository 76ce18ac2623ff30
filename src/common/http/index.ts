export { ApiProblems, problemResponses } from './api-problems.decorator.js';
export { addEntityTags } from './etag.js';
export { IfMatch, VersionMismatchError } from './if-match.decorator.js';
export { guardInput } from './input-guard.js';
export { CreatedAt } from './location.decorator.js';
export { ProblemDto } from './problem.dto.js';
export { ProblemFilter, sendProblem } from './problem.filter.js';
export { RouteTable } from './route-table.js';
