import { AppError } from '../errors/app-error.js';

export class InvalidCursorError extends AppError {
  constructor() {
    super({
      kind: 'bad-request',
      code: 'INVALID_CURSOR',
      detail: {
        en: 'The cursor is not of this list. Send the nextCursor of the previous page with the same query, or none.',
        ko: '이 목록의 커서가 아닙니다. 같은 조건으로 받은 이전 페이지의 nextCursor를 그대로 보내거나 커서 없이 요청하세요.',
      },
      errors: [
        { pointer: '?cursor', detail: { en: 'is not a cursor of this list', ko: '이 목록의 커서가 아닙니다' } },
      ],
    });
  }
}
