import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy that injects network faults between a client and a real server. */
export interface TcpProxy {
  /** URL of the server through the proxy. */
  readonly url: string;
  /** Delays every byte, per direction; bytes already in flight keep their arrival time. */
  delay(ms: { readonly toServer: number; readonly toClient: number }): void;
  /** Holds back all bytes without closing connections; they are delivered by `restore()`. */
  freeze(): void;
  /** Holds back all bytes of the existing connections for ever, without closing them; new connections work. */
  forget(): void;
  /** Breaks all connections; new ones are accepted. */
  cut(): void;
  /** Breaks all connections; new ones are refused. */
  refuse(): Promise<void>;
  /** Removes all faults. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Each side may end its stream before the response has arrived. */
const SOCKET = { noDelay: true, allowHalfOpen: true };

/** @param url of the server behind it */
export async function provideProxy(url: string): Promise<TcpProxy> {
  const { hostname, port: serverPort } = new URL(url);
  const faults: Faults = { toServerMs: 0, toClientMs: 0, frozen: false };
  const links = new Set<Link>();
  const server = createServer(SOCKET, (client) => {
    const link = new Link(client, connect({ ...SOCKET, host: hostname, port: Number(serverPort) }), faults);
    links.add(link);
    link.closed.finally(() => links.delete(link)).catch(() => undefined);
  });
  const cut = () => {
    for (const link of links) link.cut();
  };
  const port = await listen(server, 0);
  const refuse = async () => {
    cut();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: at(url, port),
    delay: ({ toServer, toClient }) => Object.assign(faults, { toServerMs: toServer, toClientMs: toClient }),
    freeze: () => {
      faults.frozen = true;
    },
    forget: () => {
      for (const link of links) link.forget();
    },
    cut,
    refuse,
    restore: async () => {
      Object.assign(faults, { toServerMs: 0, toClientMs: 0, frozen: false });
      for (const link of links) link.thaw();
      if (!server.listening) await listen(server, port);
    },
    close: refuse,
  };
}

interface Faults {
  toServerMs: number;
  toClientMs: number;
  frozen: boolean;
}

/** One connection: two directions, each of which keeps its order. */
class Link {
  readonly closed: Promise<unknown>;
  private readonly directions: readonly Direction[];
  private forgotten = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    faults: Faults,
  ) {
    for (const socket of [client, server]) socket.on('error', () => this.cut());
    this.directions = [
      new Direction(client, server, () => (faults.frozen || this.forgotten ? undefined : faults.toServerMs)),
      new Direction(server, client, () => (faults.frozen || this.forgotten ? undefined : faults.toClientMs)),
    ];
    this.closed = Promise.all([once(client, 'close'), once(server, 'close')]);
  }

  thaw(): void {
    for (const direction of this.directions) direction.flow();
  }

  forget(): void {
    this.forgotten = true;
  }

  cut(): void {
    this.client.destroy();
    this.server.destroy();
  }
}

/** Bytes from one side to the other, including the end of the stream. */
class Direction {
  private readonly inFlight: { readonly chunk: Buffer | undefined; readonly arrivesAt: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @param delayMs undefined while bytes are held back */
  constructor(
    from: Socket,
    private readonly to: Socket,
    private readonly delayMs: () => number | undefined,
  ) {
    from.on('data', (chunk) => this.take(chunk));
    from.on('end', () => this.take(undefined));
  }

  /** Delivers all bytes that are due, and sets a timer for the next. */
  flow(): void {
    clearTimeout(this.timer);
    if (this.delayMs() === undefined) return;
    for (let next = this.inFlight[0]; next !== undefined; next = this.inFlight[0]) {
      const waitMs = next.arrivesAt - performance.now();
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.flow(), waitMs).unref();
        return;
      }
      this.inFlight.shift();
      if (this.to.destroyed) return;
      if (next.chunk === undefined) this.to.end();
      else this.to.write(next.chunk);
    }
  }

  private take(chunk: Buffer | undefined): void {
    this.inFlight.push({ chunk, arrivesAt: performance.now() + (this.delayMs() ?? 0) });
    this.flow();
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function at(url: string, port: number): string {
  const there = new URL(url);
  there.hostname = '127.0.0.1';
  there.port = String(port);
  return there.href;
}
