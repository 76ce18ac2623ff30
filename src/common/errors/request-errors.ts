import { AppError, type FieldError } from './app-error.js';

/** Input that fails validation; `errors` lists each field. */
export class ValidationFailedError extends AppError {
  constructor(errors: readonly FieldError[] = []) {
    super({
      kind: 'bad-request',
      code: 'VALIDATION_FAILED',
      detail: {
        en: 'Some fields are invalid. See errors for the fields and the rules they violate.',
        ko: '올바르지 않은 값이 있습니다. 어떤 필드가 어떤 규칙을 어겼는지 errors에서 확인하세요.',
      },
      errors,
    });
  }
}

/** Input that cannot be decoded, or that no legitimate client sends (too deep or too long, `__proto__`, NUL). */
export class MalformedRequestError extends AppError {
  constructor(cause?: unknown) {
    super({
      kind: 'bad-request',
      code: 'MALFORMED_REQUEST',
      detail: {
        en:
          'The request is malformed. Percent-encode the URL as UTF-8, and send the body as UTF-8 JSON without NUL ' +
          'characters, at most 10 levels deep and with at most 120 values.',
        ko:
          '요청을 읽을 수 없습니다. 주소는 UTF-8로 퍼센트 인코딩하고, 본문은 NUL 문자가 없는 올바른 UTF-8 JSON으로 ' +
          '10단계, 값 120개 이하로 보내세요.',
      },
      cause,
    });
  }
}

export class RouteNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'ROUTE_NOT_FOUND',
      detail: {
        en: 'No route matches this URL. /docs lists all routes.',
        ko: '이 URL에 해당하는 경로가 없습니다. 모든 경로는 /docs에서 확인할 수 있습니다.',
      },
    });
  }
}

export class MethodNotAllowedError extends AppError {
  constructor(allowed: readonly string[] = []) {
    super({
      kind: 'method-not-allowed',
      code: 'METHOD_NOT_ALLOWED',
      detail: {
        en: 'This URL does not support this method. The Allow header lists the supported methods.',
        ko: '이 URL은 이 메서드를 지원하지 않습니다. 지원하는 메서드는 Allow 헤더에서 확인하세요.',
      },
      headers: { Allow: allowed.join(', ') },
    });
  }
}

export class PayloadTooLargeError extends AppError {
  constructor() {
    super({
      kind: 'too-large',
      code: 'PAYLOAD_TOO_LARGE',
      detail: { en: 'The body is larger than 100 kB.', ko: '본문이 100 kB보다 큽니다.' },
    });
  }
}

/** The request target and the headers together exceed the size limit, or there are too many headers. */
export class HeadersTooLargeError extends AppError {
  constructor() {
    super({
      kind: 'headers-too-large',
      code: 'HEADERS_TOO_LARGE',
      detail: {
        en: 'The URL and the headers together exceed 16 KiB, or there are more than 100 headers.',
        ko: 'URL과 헤더의 합이 16 KiB를 넘거나, 헤더가 100개를 넘습니다.',
      },
    });
  }
}

/** The rest of the request did not arrive in time. */
export class RequestTimeoutError extends AppError {
  constructor() {
    super({
      kind: 'timeout',
      code: 'REQUEST_TIMEOUT',
      detail: {
        en: 'The request was not received completely in time. Send it again.',
        ko: '제한 시간 안에 요청이 모두 도착하지 않았습니다. 다시 보내세요.',
      },
    });
  }
}

/** An HTTP/1.1 request without a `Host` header, with more than one, or with an invalid one. */
export class InvalidHostError extends AppError {
  constructor() {
    super({
      kind: 'bad-request',
      code: 'INVALID_HOST',
      detail: {
        en: 'Send exactly one Host header that contains only a host name and, optionally, a port.',
        ko: '호스트 이름과 포트만 담은 Host 헤더를 하나만 보내세요.',
      },
    });
  }
}

/** An `Expect` header other than `100-continue`. */
export class ExpectationFailedError extends AppError {
  constructor() {
    super({
      kind: 'expectation-failed',
      code: 'EXPECTATION_FAILED',
      detail: {
        en: 'The only supported expectation is 100-continue. Omit the Expect header.',
        ko: 'Expect 헤더는 100-continue만 지원합니다. Expect 헤더를 빼고 보내세요.',
      },
    });
  }
}

export class UnsupportedMediaTypeError extends AppError {
  constructor(headers: Readonly<Record<string, string>> = {}) {
    super({
      kind: 'unsupported-media-type',
      code: 'UNSUPPORTED_MEDIA_TYPE',
      detail: {
        en: 'Send the body as application/json in UTF-8, without a content coding such as gzip.',
        ko: '본문은 gzip 같은 압축 없이 UTF-8로 인코딩한 application/json으로 보내세요.',
      },
      headers,
    });
  }
}

/** A dependency is unavailable; nothing was changed, and a retry may soon succeed. */
export class ServiceUnavailableError extends AppError {
  constructor(cause?: unknown) {
    super({
      kind: 'unavailable',
      code: 'SERVICE_UNAVAILABLE',
      detail: {
        en: 'The service is temporarily unavailable. Retry after the number of seconds in Retry-After.',
        ko: '일시적으로 서비스를 사용할 수 없습니다. Retry-After 헤더의 시간(초)이 지난 뒤 다시 시도하세요.',
      },
      headers: { 'Retry-After': '2' },
      cause,
    });
  }
}

/** An internal server error. The cause is logged under the request id. */
export class InternalError extends AppError {
  constructor(cause?: unknown) {
    super({
      kind: 'internal',
      code: 'INTERNAL_ERROR',
      detail: {
        en: 'An internal error occurred. If the problem persists, contact support with the requestId.',
        ko: '서버 내부 오류가 발생했습니다. 문제가 계속되면 requestId와 함께 고객 지원에 문의하세요.',
      },
      cause,
    });
  }
}

/** Cross-site request: a page of another web site made the browser send it. */
export class OriginNotAllowedError extends AppError {
  constructor() {
    super({
      kind: 'forbidden',
      code: 'ORIGIN_NOT_ALLOWED',
      detail: { en: 'Requests from this origin are not allowed.', ko: '이 출처(Origin)의 요청은 허용되지 않습니다.' },
    });
  }
}

export class ForbiddenError extends AppError {
  constructor() {
    super({
      kind: 'forbidden',
      code: 'FORBIDDEN',
      detail: { en: 'You are not allowed to do this.', ko: '이 작업을 할 권한이 없습니다.' },
    });
  }
}
