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
  readonly lastEventId?: number | undefined;
}

/** Listens to the stream; rejects with the status when there is none. */
export async function listen({ origin }: Api, { token, lastEventId }: ListenOptions): Promise<Listener> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
  };
  const url = `${origin}/api/v1/notifications/stream`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`the stream answered ${response.statusCode ?? 0}`);
  }
  const listener = { told: [] as Told[], comments: [] as string[], isOver: false, code: undefined };
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

function read(block: string, { told, comments }: Pick<Listener, 'told' | 'comments'>): void {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) comments.push(line.slice(2));
    const [, name = '', value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
    fields.set(name, value);
  }
  const [id, event, data] = ['id', 'event', 'data'].map((name) => fields.get(name));
  if (id === undefined || event === undefined || data === undefined) return;
  told.push({ id: Number(id), event, data: JSON.parse(data) as Told['data'] });
}

export interface SocketOptions {
  /** What it says in its first frame. */
  readonly words?: unknown;
  readonly headers?: Record<string, string>;
}

/** Listens on a socket, from the moment in which the service has let it in or has closed it. */
export async function listenOnSocket({ origin }: Api, { words, headers = {} }: SocketOptions): Promise<Listener> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/v1/notifications/socket`, { headers });
  const heard = { told: [] as Told[], comments: [] as string[] };
  const listener = { ...heard, isOver: false, code: undefined as number | undefined };
  socket.on('close', (code: number) => Object.assign(listener, { isOver: true, code }));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('close', () => resolve());
    const frame = typeof words === 'string' ? words : JSON.stringify(words);
    socket.on('open', () => words !== undefined && socket.send(frame));
    socket.on('message', (text: Buffer) => {
      const message = JSON.parse(text.toString()) as Told;
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
