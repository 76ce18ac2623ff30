import type { AuthUser } from '../../common/index.js';
import type { Notification } from '../notification.js';

/** Why the service ends a connection. */
export type EndReason = 'session-ended' | 'too-many' | 'shutdown';

/** How notifications get to a client. */
export type Transport = 'stream' | 'socket';

/** A client that waits for notifications, whatever the transport. */
export interface LiveConnection {
  readonly transport: Transport;
  readonly user: AuthUser;
  /** Bytes that were sent and that the client has not taken. */
  readonly pendingBytes: number;
  /** Whether nothing reaches the client any more. */
  readonly isClosed: boolean;
  send(frame: Frame): void;
  /** Shows both sides that the other is there. */
  heartbeat(): void;
  /** Says goodbye. */
  end(reason: EndReason): void;
  /** Breaks it off, together with what waits to be sent. */
  terminate(): void;
  onClose(listener: () => void): void;
}

/** A notification as it is sent: written once, however many get it. */
export class Frame {
  private event: Buffer | undefined;
  private message: string | undefined;

  constructor(readonly notification: Notification) {}

  /** An event of a stream. */
  get asEvent(): Buffer {
    const { id, kind, data } = this.notification;
    return (this.event ??= Buffer.from(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`));
  }

  /** A message of a socket. */
  get asMessage(): string {
    const { id, kind, data } = this.notification;
    return (this.message ??= JSON.stringify({ id, event: kind, data }));
  }
}
