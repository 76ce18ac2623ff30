import { AppError } from '../common/index.js';

/** A required dependency is unavailable. */
export class NotReadyError extends AppError {
  /** @param unavailable names of the dependencies that do not respond */
  constructor(unavailable: readonly string[] = ['postgres']) {
    super({
      kind: 'unavailable',
      code: 'NOT_READY',
      detail: {
        en: `Not ready: no response from ${unavailable.join(', ')}.`,
        ko: `준비되지 않았습니다: ${unavailable.join(', ')}에서 응답이 없습니다.`,
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
        en: `Not ready: pending database migrations: ${missing.join(', ')}. Run dist/migrate.js.`,
        ko: `준비되지 않았습니다: 실행되지 않은 데이터베이스 마이그레이션이 있습니다: ${missing.join(', ')}. dist/migrate.js를 실행하세요.`,
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
        en: 'Not ready: this instance is shutting down. Send requests to another one.',
        ko: '준비되지 않았습니다: 이 인스턴스는 곧 종료됩니다. 다른 인스턴스로 요청을 보내세요.',
      },
      headers: { 'Retry-After': '2' },
    });
  }
}
