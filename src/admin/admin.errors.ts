import { AppError } from '../common/index.js';

export class CacheNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'CACHE_NOT_FOUND',
      detail: {
        en: 'There is no such cache. GET /api/v1/admin/caches lists them.',
        ko: '해당 캐시가 없습니다. GET /api/v1/admin/caches에서 목록을 확인하세요.',
      },
    });
  }
}
