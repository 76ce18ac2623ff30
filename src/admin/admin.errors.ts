import { AppError } from '../common/index.js';

export class CacheNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'CACHE_NOT_FOUND',
      detail: {
        en: 'The cache does not exist. GET /api/v1/admin/caches lists all caches.',
        ko: '캐시를 찾을 수 없습니다. GET /api/v1/admin/caches에서 목록을 확인하세요.',
      },
    });
  }
}

export class JobNotFoundError extends AppError {
  constructor() {
    super({
      kind: 'not-found',
      code: 'JOB_NOT_FOUND',
      detail: {
        en: 'The job does not exist, or was completed more than a day ago. GET /api/v1/admin/jobs lists jobs.',
        ko: '작업이 없거나, 완료된 지 하루가 지나 삭제되었습니다. GET /api/v1/admin/jobs에서 목록을 확인하세요.',
      },
    });
  }
}

/** The browser has no session for Bull Board, or its session has expired. */
export class QueueBoardSessionRequiredError extends AppError {
  constructor() {
    super({
      kind: 'unauthenticated',
      code: 'QUEUE_BOARD_SESSION_REQUIRED',
      detail: {
        en:
          'This browser has no session for the queue board. As an admin, open one at /docs with openQueueBoard ' +
          '(POST /api/v1/admin/queues/session).',
        ko:
          '이 브라우저에는 큐 보드 세션이 없습니다. 관리자로 로그인한 뒤 /docs에서 openQueueBoard' +
          '(POST /api/v1/admin/queues/session)를 호출하세요.',
      },
    });
  }
}
