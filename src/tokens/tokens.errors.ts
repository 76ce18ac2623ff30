import { AppError } from '../common/index.js';

const REALM = 'Bearer realm="ecogreen-seoul"';

/** The route requires an access token and none was sent. */
export class AccessTokenMissingError extends AppError {
  constructor() {
    super({
      kind: 'unauthenticated',
      code: 'ACCESS_TOKEN_MISSING',
      detail: {
        en: 'An access token is required. Log in and send it as "Authorization: Bearer <token>".',
        ko: '로그인이 필요합니다. 로그인한 뒤 액세스 토큰을 "Authorization: Bearer <token>" 헤더로 보내세요.',
      },
      headers: { 'WWW-Authenticate': REALM },
    });
  }
}

/** The access token was issued by this service, but has expired. */
export class AccessTokenExpiredError extends AppError {
  constructor() {
    super({
      kind: 'unauthenticated',
      code: 'ACCESS_TOKEN_EXPIRED',
      detail: {
        en: 'The access token has expired. Obtain a new one with POST /auth/reissue and retry.',
        ko: '액세스 토큰이 만료되었습니다. POST /auth/reissue로 다시 발급받아 요청하세요.',
      },
      headers: { 'WWW-Authenticate': `${REALM}, error="invalid_token", error_description="The access token expired"` },
    });
  }
}

/** The access token was not issued by this service, or has been revoked. */
export class InvalidAccessTokenError extends AppError {
  constructor(cause?: unknown) {
    super({
      kind: 'unauthenticated',
      code: 'INVALID_ACCESS_TOKEN',
      detail: {
        en: 'The access token is invalid, or its session has ended. Log in again.',
        ko: '액세스 토큰이 올바르지 않거나 세션이 종료되었습니다. 다시 로그인하세요.',
      },
      headers: { 'WWW-Authenticate': `${REALM}, error="invalid_token", error_description="Invalid access token"` },
      cause,
    });
  }
}

/** The refresh token is expired, already used, unknown, or missing. */
export class InvalidRefreshTokenError extends AppError {
  /** @param isSessionEnded whether no live session exists to which the token could belong */
  constructor(readonly isSessionEnded = false) {
    super({
      kind: 'unauthenticated',
      code: 'INVALID_REFRESH_TOKEN',
      detail: {
        en: 'The refresh token is missing, expired, already used or unknown. Log in again.',
        ko: '리프레시 토큰이 없거나, 만료되었거나, 이미 사용되었거나, 알 수 없는 토큰입니다. 다시 로그인하세요.',
      },
      headers: { 'WWW-Authenticate': REALM },
    });
  }
}
