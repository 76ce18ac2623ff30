import { AppError } from '../common/index.js';

export class UserNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'USER_NOT_FOUND',
      detail: { en: 'The user does not exist.', ko: '사용자를 찾을 수 없습니다.' },
    });
  }
}

export class EmailTakenError extends AppError {
  constructor() {
    super({
      kind: 'conflict',
      code: 'EMAIL_TAKEN',
      detail: {
        en: 'An account with this e-mail address already exists. Log in instead.',
        ko: '이미 가입된 이메일 주소입니다. 로그인해 주세요.',
      },
    });
  }
}

export class NicknameTakenError extends AppError {
  constructor() {
    super({
      kind: 'conflict',
      code: 'NICKNAME_TAKEN',
      detail: {
        en: 'This nickname is taken or reserved. Choose another one; nicknames are not case-sensitive.',
        ko: '이미 사용 중이거나 예약된 닉네임입니다. 다른 닉네임을 선택하세요. 대소문자는 구분하지 않습니다.',
      },
    });
  }
}
