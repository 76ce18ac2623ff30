import { AppError, type FieldError } from './app-error.js';

/** Input that fails validation; `errors` lists each field. */
export class ValidationFailedError extends AppError {
  constructor(errors: readonly FieldError[] = []) {
    super({
      kind: 'bad-request',
      code: 'VALIDATION_FAILED',
      detail: {
        en: 'Some fields break their rules. See errors for which, and for what is allowed.',
        ko: '규칙에 맞지 않는 값이 있습니다. 어떤 값이 왜 거절되었는지는 errors를 확인하세요.',
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
          'The request cannot be read. Percent-encode the address as UTF-8, and send JSON in UTF-8, without NUL ' +
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
        en: 'There is nothing at this address. /docs lists every route.',
        ko: '이 주소에는 아무것도 없습니다. 모든 경로는 /docs에 있습니다.',
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
        en: 'This address does not take this method. The Allow header lists those it takes.',
        ko: '이 주소는 이 메서드를 받지 않습니다. 받을 수 있는 메서드는 Allow 헤더에 있습니다.',
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
        en: 'The address and the headers together are larger than 16 KiB, or there are more than 100 headers.',
        ko: '주소와 헤더를 합쳐 16 KiB보다 크거나, 헤더가 100개보다 많습니다.',
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
        en: 'The rest of the request did not come in time. Send it again.',
        ko: '요청의 나머지가 제때 오지 않았습니다. 다시 보내세요.',
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
        en: 'Send one Host header, with the host name and the port alone.',
        ko: 'Host 헤더를 하나만, 호스트 이름과 포트만 담아 보내세요.',
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
        en: 'The only expectation that can be met is 100-continue. Leave the Expect header out.',
        ko: '충족할 수 있는 기대는 100-continue뿐입니다. Expect 헤더를 빼고 보내세요.',
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
        en: 'The service cannot answer right now. Try again after the seconds that Retry-After gives.',
        ko: '지금은 응답할 수 없습니다. Retry-After 헤더의 시간(초)이 지난 뒤 다시 시도하세요.',
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
        en: 'Something went wrong on our side. If it stays, tell us the requestId.',
        ko: '서버에서 문제가 발생했습니다. 계속되면 requestId를 알려 주세요.',
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
      detail: { en: 'You may not do this.', ko: '이 작업을 할 권한이 없습니다.' },
    });
  }
}
