import { AppError } from '../common/index.js';

/** The caller has exceeded a rate limit; a retry after `Retry-After` seconds suffices. */
export class RateLimitedError extends AppError {
  /** @param waitMs milliseconds until a retry; sent as `Retry-After`, rounded up to seconds */
  constructor(waitMs = 1_000) {
    super({
      kind: 'rate-limited',
      code: 'RATE_LIMITED',
      detail: {
        en: 'Rate limit exceeded. Retry after the number of seconds in Retry-After.',
        ko: '요청 한도를 초과했습니다. Retry-After 헤더의 시간(초)이 지난 뒤 다시 시도하세요.',
      },
      headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1_000))) },
    });
  }
}
