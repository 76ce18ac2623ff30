import { get, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Api } from '../../support/api.js';

/** Event of the stream, or frame of the socket. */
export interface ReceivedEvent {
  readonly id: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Client that receives notifications over HTTP or a WebSocket. */
export interface Listener {
  /** Events received so far, in order. */
  readonly received: ReceivedEvent[];
  /** Comments of a stream. */
  readonly comments: string[];
  readonly isClosed: boolean;
  /** Last event id, as `EventSource` stores it; for a socket, the id of the last frame. */
  readonly lastEventId: string;
  /** Close code of a socket. */
  readonly code: number | undefined;
  close(): void;
  /** Stops reading from the connection, which stays open. */
  pause(): void;
  resume(): void;
}

export interface ListenOptions {
  readonly token: string;
  /** Sent as `Last-Event-ID`. */
  readonly lastEventId?: number | string | undefined;
  /** Query string, with its `?`. */
  readonly query?: string;
}

/** Opens the stream; rejects with the status if it does not open. */
export async function listen({ origin }: Api, { token, lastEventId, query = '' }: ListenOptions): Promise<Listener> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
  };
  const url = `${origin}/api/v1/notifications/stream${query}`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`the stream answered ${response.statusCode ?? 0}`);
  }
  const state = { received: [] as ReceivedEvent[], comments: [] as string[], lastEventId: '' };
  const listener = { ...state, isClosed: false, code: undefined };
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) read(block, listener);
  });
  // A stream that is cut off ends with an error.
  response.on('error', () => undefined).on('close', () => (listener.isClosed = true));
  const connected = () => new Promise((resolve) => response.once('data', resolve));
  await connected();
  return Object.assign(listener, {
    close: () => void response.destroy(),
    pause: () => void response.pause(),
    resume: () => void response.resume(),
  });
}

function read(block: string, state: { received: ReceivedEvent[]; comments: string[]; lastEventId: string }): void {
  const { received, comments } = state;
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) comments.push(line.slice(2));
    const [, name = '', value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
    fields.set(name, value);
  }
  const [id, event, data] = ['id', 'event', 'data'].map((name) => fields.get(name));
  // By the standard, an id counts even if its block has no data.
  state.lastEventId = id ?? state.lastEventId;
  if (id === undefined || event === undefined || data === undefined) return;
  received.push({ id: Number(id), event, data: JSON.parse(data) as ReceivedEvent['data'] });
}

export interface SocketOptions {
  /** Content of the first frame; a string is sent as it is. */
  readonly message?: unknown;
  readonly headers?: Record<string, string>;
  /** Query string, with its `?`. */
  readonly query?: string;
}

/** Opens a socket; resolves when the service has accepted or closed it. */
export async function listenOnSocket({ origin }: Api, options: SocketOptions): Promise<Listener> {
  const { message, headers = {}, query = '' } = options;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/v1/notifications/socket${query}`, { headers });
  const state = { received: [] as ReceivedEvent[], comments: [] as string[], lastEventId: '' };
  const listener = { ...state, isClosed: false, code: undefined as number | undefined };
  socket.on('close', (code: number) => Object.assign(listener, { isClosed: true, code }));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('close', () => resolve());
    const frame = typeof message === 'string' ? message : JSON.stringify(message);
    socket.on('open', () => message !== undefined && socket.send(frame));
    socket.on('message', (text: Buffer) => {
      const received = JSON.parse(text.toString()) as ReceivedEvent;
      listener.lastEventId = String(received.id);
      if (received.event === 'connected') resolve();
      else listener.received.push(received);
    });
  });
  return Object.assign(listener, {
    close: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  });
}
