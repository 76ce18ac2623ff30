import { AppError } from '../common/index.js';

export class PlaceNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'PLACE_NOT_FOUND',
      detail: { en: 'The place does not exist.', ko: '장소를 찾을 수 없습니다.' },
    });
  }
}

export class PlaceAlreadyExistsError extends AppError {
  constructor() {
    super({
      kind: 'conflict',
      code: 'PLACE_ALREADY_EXISTS',
      detail: {
        en: 'A place with this name and address, or with this kakaoId, already exists.',
        ko: '이름과 주소가 같은 장소 또는 kakaoId가 같은 장소가 이미 등록되어 있습니다.',
      },
    });
  }
}
