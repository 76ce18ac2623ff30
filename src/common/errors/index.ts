export { AppError, type ErrorKind, type FieldError } from './app-error.js';
export { isUnavailable } from './is-unavailable.js';
export { preferredLanguage, type Language, type Localized } from './localized.js';
export * from './request-errors.js';
export { UnavailableError } from './unavailable-error.js';
