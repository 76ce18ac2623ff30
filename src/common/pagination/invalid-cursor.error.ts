import { AppError } from '../errors/app-error.js';

export class InvalidCursorError extends AppError {
  constructor() {
    super({
      kind: 'bad-request',
      code: 'INVALID_CURSOR',
      detail: {
        en: 'The cursor is invalid. Send the nextCursor of the previous page with the same query, or no cursor.',
        ko: '커서가 올바르지 않습니다. 같은 조건으로 조회한 이전 페이지의 nextCursor를 보내거나 커서 없이 요청하세요.',
      },
      errors: [
        { pointer: '?cursor', detail: { en: 'is not a valid cursor of this list', ko: '이 목록에 사용할 수 없는 커서입니다' } },
      ],
    });
  }
}
