import type { IncomingMessage } from 'node:http';
import { all, compile } from '@fastify/proxy-addr';

/** Who sent a request, and to which host. */
export interface RequestSource {
  /** Undefined when the connection is broken. */
  readonly address: string | undefined;
  readonly host: string;
}

/**
 * Reads client and host of requests that do not pass through Fastify, such as upgrades to WebSockets, by the rule of
 * its `trustProxy`: `X-Forwarded-For` and `X-Forwarded-Host` count when a trusted proxy sends them, the last host of
 * several.
 */
export class TrustedProxies {
  private readonly trusts: (address: string, distance: number) => boolean;

  /** @param networks addresses, networks or their names; none trusts nobody */
  constructor(networks: readonly string[]) {
    this.trusts = compile([...networks]);
  }

  sourceOf(request: IncomingMessage): RequestSource {
    const { headers, socket } = request;
    const forwarded = [headers['x-forwarded-host'] ?? []].flat().join(',').split(',').at(-1)?.trim();
    const isTrusted = this.trusts(socket.remoteAddress ?? '', 0);
    const host = isTrusted && forwarded ? forwarded : (headers.host ?? '');
    return { address: all(request, this.trusts).at(-1), host };
  }
}
