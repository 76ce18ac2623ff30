import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestApp } from '../support/app.js';

/** Response as received on the connection. */
export interface RawResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/**
 * Sends bytes that no HTTP client would send, and reads responses until the server closes the connection.
 * @param bytes the request; strings are sent as latin1, one byte a character
 */
export async function sendRaw({ api }: TestApp, ...bytes: (string | Buffer)[]): Promise<RawResponse> {
  const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
  socket.write(Buffer.concat(bytes.map((each) => (typeof each === 'string' ? Buffer.from(each, 'latin1') : each))));
  return parseResponse((await buffer(socket)).toString());
}

/** Parses the first final response in `text`. */
export function parseResponse(text: string): RawResponse {
  const [head = '', ...rest] = text.replace(/^HTTP\/1.1 100 Continue\r\n\r\n/, '').split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Headers(lines.map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
  const body = rest.join('\r\n\r\n').slice(0, Number(headers.get('content-length') ?? Infinity));
  const isJson = (headers.get('content-type') ?? '').includes('json');
  const parsed = isJson ? (JSON.parse(body) as RawResponse['body']) : {};
  return { status: Number(statusLine.split(' ')[1]), headers, body: parsed };
}
