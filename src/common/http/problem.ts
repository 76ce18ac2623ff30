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

const KINDS: Readonly<Record<ErrorKind, { status: number; title: Localized }>> = {
  'bad-request': { status: 400, title: { en: 'Bad request', ko: '잘못된 요청' } },
  unauthenticated: { status: 401, title: { en: 'Not signed in', ko: '인증 필요' } },
  forbidden: { status: 403, title: { en: 'Not allowed', ko: '권한 없음' } },
  'not-found': { status: 404, title: { en: 'Not found', ko: '찾을 수 없음' } },
  'method-not-allowed': { status: 405, title: { en: 'Method not allowed', ko: '허용되지 않는 메서드' } },
  conflict: { status: 409, title: { en: 'Conflict', ko: '충돌' } },
  'precondition-failed': { status: 412, title: { en: 'Changed meanwhile', ko: '그 사이 변경됨' } },
  timeout: { status: 408, title: { en: 'Too slow', ko: '요청 시간 초과' } },
  'too-large': { status: 413, title: { en: 'Too large', ko: '너무 큼' } },
  'headers-too-large': { status: 431, title: { en: 'Headers too large', ko: '헤더가 너무 큼' } },
  'unsupported-media-type': { status: 415, title: { en: 'Unsupported media type', ko: '지원하지 않는 형식' } },
  'expectation-failed': { status: 417, title: { en: 'Expectation failed', ko: '충족할 수 없는 기대' } },
  'rate-limited': { status: 429, title: { en: 'Too many requests', ko: '요청이 너무 많음' } },
  internal: { status: 500, title: { en: 'Internal error', ko: '서버 오류' } },
  unavailable: { status: 503, title: { en: 'Unavailable', ko: '일시적으로 사용할 수 없음' } },
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
