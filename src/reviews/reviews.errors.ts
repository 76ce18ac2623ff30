import { AppError } from '../common/index.js';

export class ReviewNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'REVIEW_NOT_FOUND',
      detail: { en: 'The review does not exist.', ko: '리뷰를 찾을 수 없습니다.' },
    });
  }
}

export class ReviewAlreadyExistsError extends AppError {
  constructor() {
    super({
      kind: 'conflict',
      code: 'REVIEW_ALREADY_EXISTS',
      detail: {
        en: 'You have already reviewed this place. Edit your existing review instead.',
        ko: '이미 이 장소에 리뷰를 작성했습니다. 기존 리뷰를 수정해 주세요.',
      },
    });
  }
}
