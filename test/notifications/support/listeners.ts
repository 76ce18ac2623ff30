import { get, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Api } from '../../support/api.js';

/** What a client was told. */
export interface Told {
  readonly id: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A client that listens, as any would, over HTTP. */
export interface Listener {
  /** All it was told so far, in order. */
  readonly told: Told[];
  /** Comments of a stream. */
  readonly comments: string[];
  readonly isOver: boolean;
  /** What `EventSource` keeps as its last event id; of a socket, the id of its last frame. */
  readonly lastEventId: string;
  /** The close code of a socket. */
  readonly code: number | undefined;
  /** Goes away. */
  leave(): void;
  /** Takes nothing more from its connection, which stays open; and goes on. */
  freeze(): void;
  thaw(): void;
}

export interface ListenOptions {
  readonly token: string;
  /** Sent as `Last-Event-ID`. */
  readonly lastEventId?: number | string | undefined;
  /** Query string, with its `?`. */
  readonly query?: string;
}

/** Listens to the stream; rejects with the status when there is none. */
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
  const heard = { told: [] as Told[], comments: [] as string[], lastEventId: '' };
  const listener = { ...heard, isOver: false, code: undefined };
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) read(block, listener);
  });
  // A stream that is cut off ends with an error.
  response.on('error', () => undefined).on('close', () => (listener.isOver = true));
  const connected = () => new Promise((resolve) => response.once('data', resolve));
  await connected();
  return Object.assign(listener, {
    leave: () => void response.destroy(),
    freeze: () => void response.pause(),
    thaw: () => void response.resume(),
  });
}

function read(block: string, heard: { told: Told[]; comments: string[]; lastEventId: string }): void {
  const { told, comments } = heard;
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) comments.push(line.slice(2));
    const [, name = '', value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
    fields.set(name, value);
  }
  const [id, event, data] = ['id', 'event', 'data'].map((name) => fields.get(name));
  // As the standard has it, an id counts even when its block has no data.
  heard.lastEventId = id ?? heard.lastEventId;
  if (id === undefined || event === undefined || data === undefined) return;
  told.push({ id: Number(id), event, data: JSON.parse(data) as Told['data'] });
}

export interface SocketOptions {
  /** What it says in its first frame. */
  readonly words?: unknown;
  readonly headers?: Record<string, string>;
  /** Query string, with its `?`. */
  readonly query?: string;
}

/** Listens on a socket, from the moment in which the service has let it in or has closed it. */
export async function listenOnSocket({ origin }: Api, options: SocketOptions): Promise<Listener> {
  const { words, headers = {}, query = '' } = options;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/v1/notifications/socket${query}`, { headers });
  const heard = { told: [] as Told[], comments: [] as string[], lastEventId: '' };
  const listener = { ...heard, isOver: false, code: undefined as number | undefined };
  socket.on('close', (code: number) => Object.assign(listener, { isOver: true, code }));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('close', () => resolve());
    const frame = typeof words === 'string' ? words : JSON.stringify(words);
    socket.on('open', () => words !== undefined && socket.send(frame));
    socket.on('message', (text: Buffer) => {
      const message = JSON.parse(text.toString()) as Told;
      listener.lastEventId = String(message.id);
      if (message.event === 'connected') resolve();
      else listener.told.push(message);
    });
  });
  return Object.assign(listener, {
    leave: () => socket.terminate(),
    freeze: () => socket.pause(),
    thaw: () => socket.resume(),
  });
}
