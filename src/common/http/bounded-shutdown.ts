import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Time for requests under way when the server is told to end. */
const GRACE_MS = 5_000;

/**
 * Has the end of a server wait for requests under way, at most five seconds, and for nothing else: a connection on
 * which nothing was ever asked, as browsers open them in advance, counts as busy with Node, and would be waited for.
 * So would one that was asked for another protocol, of which Node knows no more: after the five seconds all are cut.
 */
export function boundShutdown(server: FastifyInstance): void {
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.addHook('preClose', (done) => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    setTimeout(() => sockets.forEach((socket) => socket.destroy()), GRACE_MS).unref();
    done();
  });
}
