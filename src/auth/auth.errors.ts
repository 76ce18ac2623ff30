import { AppError, type Localized } from '../common/index.js';

/** Unknown e-mail address or wrong password; the response does not reveal which. */
export class InvalidCredentialsError extends AppError {
  constructor() {
    super({
      kind: 'unauthenticated',
      code: 'INVALID_CREDENTIALS',
      detail: {
        en: 'The e-mail address or the password is incorrect.',
        ko: '이메일 주소 또는 비밀번호가 올바르지 않습니다.',
      },
      headers: { 'WWW-Authenticate': 'Bearer realm="ecogreen-seoul"' },
    });
  }
}

/** The operation requires more than an access token, which could be stolen. */
export class ReauthenticationRequiredError extends AppError {
  constructor() {
    super({
      kind: 'forbidden',
      code: 'REAUTHENTICATION_REQUIRED',
      detail: {
        en: 'Confirm your identity: send your password, or log in again and repeat the request within five minutes.',
        ko: '본인 확인이 필요합니다. 비밀번호를 함께 보내거나, 다시 로그인한 뒤 5분 안에 요청하세요.',
      },
    });
  }
}

/** The password is long enough, but easily guessed. */
export class WeakPasswordError extends AppError {
  /** @param field body field of the password */
  constructor(field = 'password') {
    const detail: Localized = {
      en:
        'This password is too weak: it is commonly used, a word or a pattern, or it is made of your nickname, your ' +
        "e-mail address or the service's name. Choose a longer one, such as several words.",
      ko:
        '추측하기 쉬운 비밀번호입니다. 흔히 쓰이는 비밀번호, 단어, 반복되는 패턴, 닉네임이나 이메일 주소, 서비스 이름으로 만든 ' +
        '비밀번호는 사용할 수 없습니다. 여러 단어를 이어 더 긴 비밀번호를 만들어 주세요.',
    };
    super({ kind: 'bad-request', code: 'PASSWORD_TOO_WEAK', detail, errors: [{ pointer: `#/${field}`, detail }] });
  }
}

export class SessionNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'SESSION_NOT_FOUND',
      detail: { en: 'You have no session with this id.', ko: '세션을 찾을 수 없습니다.' },
    });
  }
}
