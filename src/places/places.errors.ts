import { AppError } from '../common/index.js';

export class PlaceNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'PLACE_NOT_FOUND',
      detail: { en: 'There is no such place.', ko: '장소를 찾을 수 없습니다.' },
    });
  }
}

export class PlaceAlreadyExistsError extends AppError {
  constructor() {
    super({
      kind: 'conflict',
      code: 'PLACE_ALREADY_EXISTS',
      detail: {
        en: 'There is a place with this name at this address, or with this kakaoId, already.',
        ko: '같은 주소에 같은 이름의 장소가 있거나 같은 kakaoId의 장소가 이미 등록되어 있습니다.',
      },
    });
  }
}
