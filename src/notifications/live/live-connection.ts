import type { AuthUser } from '../../common/index.js';
import type { Notification } from '../notification.js';

/** Reason for which the service closes a connection. */
export type EndReason = 'session-ended' | 'too-many' | 'shutdown';

/** Transport of notifications to a client: server-sent events or WebSocket. */
export type Transport = 'stream' | 'socket';

/** Connection of a client that receives notifications, over any transport. */
export interface LiveConnection {
  readonly transport: Transport;
  readonly user: AuthUser;
  /** Bytes buffered for sending that the client has not read yet. */
  readonly pendingBytes: number;
  /** True once nothing more can be sent to the client. */
  readonly isClosed: boolean;
  send(frame: Frame): void;
  /** Sends a heartbeat, by which both sides detect a dead connection. */
  heartbeat(): void;
  /** Closes the connection gracefully, with the reason. */
  end(reason: EndReason): void;
  /** Closes the connection at once; discards unsent data. */
  terminate(): void;
  onClose(listener: () => void): void;
}

/** Serialized form of a notification; serialized once for all connections of a transport. */
export class Frame {
  private event: Buffer | undefined;
  private message: string | undefined;

  constructor(readonly notification: Notification) {}

  /** Server-sent event. */
  get asEvent(): Buffer {
    const { id, kind, data } = this.notification;
    return (this.event ??= Buffer.from(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`));
  }

  /** WebSocket message. */
  get asMessage(): string {
    const { id, kind, data } = this.notification;
    return (this.message ??= JSON.stringify({ id, event: kind, data }));
  }
}
