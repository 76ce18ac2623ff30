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

/** Each side may have said all it has to say while the answer is still under way. */
const SOCKET = { noDelay: true, allowHalfOpen: true };

/** @param url of the server behind it */
export async function provideProxy(url: string): Promise<TcpProxy> {
  const { hostname, port: serverPort } = new URL(url);
  const weather: Weather = { toServerMs: 0, toClientMs: 0, frozen: false };
  const links = new Set<Link>();
  const server = createServer(SOCKET, (client) => {
    const link = new Link(client, connect({ ...SOCKET, host: hostname, port: Number(serverPort) }), weather);
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
    delay: ({ toServer, toClient }) => Object.assign(weather, { toServerMs: toServer, toClientMs: toClient }),
    freeze: () => {
      weather.frozen = true;
    },
    forget: () => {
      for (const link of links) link.forget();
    },
    cut,
    refuse,
    restore: async () => {
      Object.assign(weather, { toServerMs: 0, toClientMs: 0, frozen: false });
      for (const link of links) link.thaw();
      if (!server.listening) await listen(server, port);
    },
    close: refuse,
  };
}

interface Weather {
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
    weather: Weather,
  ) {
    for (const socket of [client, server]) socket.on('error', () => this.cut());
    this.directions = [
      new Direction(client, server, () => (weather.frozen || this.forgotten ? undefined : weather.toServerMs)),
      new Direction(server, client, () => (weather.frozen || this.forgotten ? undefined : weather.toClientMs)),
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

/** What one side sends, the end included, on its way to the other. */
class Direction {
  private readonly underWay: { readonly chunk: Buffer | undefined; readonly arrivesAt: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @param delayMs undefined while nothing arrives */
  constructor(
    from: Socket,
    private readonly to: Socket,
    private readonly delayMs: () => number | undefined,
  ) {
    from.on('data', (chunk) => this.take(chunk));
    from.on('end', () => this.take(undefined));
  }

  /** Hands over what has arrived, and comes back for the next. */
  flow(): void {
    clearTimeout(this.timer);
    if (this.delayMs() === undefined) return;
    for (let next = this.underWay[0]; next !== undefined; next = this.underWay[0]) {
      const waitMs = next.arrivesAt - performance.now();
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.flow(), waitMs).unref();
        return;
      }
      this.underWay.shift();
      if (this.to.destroyed) return;
      if (next.chunk === undefined) this.to.end();
      else this.to.write(next.chunk);
    }
  }

  private take(chunk: Buffer | undefined): void {
    this.underWay.push({ chunk, arrivesAt: performance.now() + (this.delayMs() ?? 0) });
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
