import { AppError } from '../common/index.js';

/** A WebSocket handshake whose headers violate RFC 6455. */
export class InvalidHandshakeError extends AppError {
  constructor(cause?: unknown) {
    super({
      kind: 'bad-request',
      code: 'INVALID_HANDSHAKE',
      detail: {
        en: 'The WebSocket handshake is invalid. Check the Sec-WebSocket-* headers.',
        ko: 'WebSocket 핸드셰이크가 올바르지 않습니다. Sec-WebSocket으로 시작하는 헤더를 확인하세요.',
      },
      headers: { 'Sec-WebSocket-Version': '13, 8' },
      cause,
    });
  }
}
