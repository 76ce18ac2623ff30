import type { IncomingMessage } from 'node:http';
import { all, compile } from '@fastify/proxy-addr';

/** Client address and requested host of a request. */
export interface RequestSource {
  /** Undefined when the connection is lost. */
  readonly address: string | undefined;
  readonly host: string;
}

/**
 * Determines client and host of requests that bypass Fastify, such as WebSocket upgrades, by the rules of its
 * `trustProxy`: `X-Forwarded-For` and `X-Forwarded-Host` are used only if a trusted proxy sends them; of several hosts,
 * the last one.
 */
export class TrustedProxies {
  private readonly trusts: (address: string, distance: number) => boolean;

  /** @param networks trusted addresses, networks or their names; an empty list trusts no proxy */
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
