export { Length } from './length.decorator.js';
export { OptionalBody } from './optional-body.decorator.js';
export { MAX_ID, ParseIdPipe, toId } from './parse-id.pipe.js';
export { changedFields } from './changed-fields.js';
export { MultiLineText, SingleLineText } from './text.decorator.js';
export { Trimmed } from './trim.decorator.js';
export { InputValidationPipe } from './validation.pipe.js';
