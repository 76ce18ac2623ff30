import { AppError } from '../common/index.js';

/** A required dependency is unavailable. */
export class NotReadyError extends AppError {
  /** @param away names of the dependencies that do not respond */
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

/** The database lacks migrations of this version, so every route that reads it would fail. */
export class SchemaOutdatedError extends AppError {
  /** @param missing names of the migrations that have not run */
  constructor(missing: readonly string[] = ['Places1790000002000']) {
    super({
      kind: 'unavailable',
      code: 'SCHEMA_OUTDATED',
      detail: {
        en: `Not ready: these migrations have not run on the database: ${missing.join(', ')}. Run dist/migrate.js.`,
        ko: `준비되지 않았습니다: 데이터베이스에 실행되지 않은 마이그레이션이 있습니다: ${missing.join(', ')}. dist/migrate.js를 실행하세요.`,
      },
      headers: { 'Retry-After': '2' },
    });
  }
}

/** The process is shutting down and must receive no new requests. */
export class ShuttingDownError extends AppError {
  constructor() {
    super({
      kind: 'unavailable',
      code: 'SHUTTING_DOWN',
      detail: {
        en: 'Not ready: this instance is about to end. Send requests to another one.',
        ko: '준비되지 않았습니다: 이 인스턴스는 곧 종료됩니다. 다른 인스턴스로 요청을 보내세요.',
      },
      headers: { 'Retry-After': '2' },
    });
  }
}
