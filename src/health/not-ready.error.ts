import { AppError } from '../common/index.js';

/** Something the service cannot do without is away. */
export class NotReadyError extends AppError {
  /** @param away the dependencies that do not answer */
  constructor(away: readonly string[] = ['postgres']) {
    super({
      kind: 'unavailable',
      code: 'NOT_READY',
      detail: {
        en: `Not ready: ${away.join(', ')} does not answer.`,
        ko: `준비되지 않았습니다: ${away.join(', ')}이(가) 응답하지 않습니다.`,
      },
      headers: { 'Retry-After': '2' },
    });
  }
}
