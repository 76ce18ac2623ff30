import type { AppError, ErrorKind, Language, Localized } from '../errors/index.js';

/** An error response (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  requestId: string;
  errors?: { pointer: string; detail: string }[];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Status of each error kind; the title is the reason phrase of RFC 9110. */
const KINDS: Readonly<Record<ErrorKind, { status: number; title: Localized }>> = {
  'bad-request': { status: 400, title: { en: 'Bad Request', ko: '잘못된 요청' } },
  unauthenticated: { status: 401, title: { en: 'Unauthorized', ko: '인증 필요' } },
  forbidden: { status: 403, title: { en: 'Forbidden', ko: '접근 금지' } },
  'not-found': { status: 404, title: { en: 'Not Found', ko: '찾을 수 없음' } },
  'method-not-allowed': { status: 405, title: { en: 'Method Not Allowed', ko: '허용되지 않는 메서드' } },
  conflict: { status: 409, title: { en: 'Conflict', ko: '충돌' } },
  'precondition-failed': { status: 412, title: { en: 'Precondition Failed', ko: '사전 조건 실패' } },
  timeout: { status: 408, title: { en: 'Request Timeout', ko: '요청 시간 초과' } },
  'too-large': { status: 413, title: { en: 'Content Too Large', ko: '콘텐츠가 너무 큼' } },
  'headers-too-large': {
    status: 431,
    title: { en: 'Request Header Fields Too Large', ko: '요청 헤더 필드가 너무 큼' },
  },
  'unsupported-media-type': { status: 415, title: { en: 'Unsupported Media Type', ko: '지원하지 않는 미디어 유형' } },
  'expectation-failed': { status: 417, title: { en: 'Expectation Failed', ko: 'Expect 조건 충족 불가' } },
  'rate-limited': { status: 429, title: { en: 'Too Many Requests', ko: '요청이 너무 많음' } },
  internal: { status: 500, title: { en: 'Internal Server Error', ko: '내부 서버 오류' } },
  unavailable: { status: 503, title: { en: 'Service Unavailable', ko: '서비스를 사용할 수 없음' } },
};

/** HTTP status of an error kind. */
export function statusOf(kind: ErrorKind): number {
  return KINDS[kind].status;
}

/** Response body that describes `error`, in the caller's language; contains neither rejected values nor the cause. */
export function problemOf(error: AppError, language: Language, requestId: string): Problem {
  const { status, title } = KINDS[error.kind];
  return {
    type: `urn:ecogreen:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: title[language],
    status,
    detail: error.detail[language],
    instance: `/requests/${requestId}`,
    code: error.code,
    requestId,
    ...(error.errors && {
      errors: error.errors.map(({ pointer, detail }) => ({ pointer, detail: detail[language] })),
    }),
  };
}
