export { ApiProblems, problemResponses, type SampleableError } from './api-problems.decorator.js';
export { addEntityTags } from './etag.js';
export { IfMatch, VersionMismatchError } from './if-match.decorator.js';
export { guardInput } from './input-guard.js';
export { CreatedAt } from './location.decorator.js';
export { ProblemDto } from './problem.dto.js';
export { PROBLEM_MEDIA_TYPE } from './problem.js';
export { ProblemFilter, sendProblem } from './problem.filter.js';
export { RouteTable } from './route-table.js';
