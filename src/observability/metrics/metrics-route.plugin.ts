import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, sendProblem } from '../../common/index.js';
import { processMetrics, type Metrics } from './metrics.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Headers that a proxy adds: the client behind it is not this machine, although the connection may come from it. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

/** The caller is not allowed to read the metrics. */
class MetricsForbiddenError extends AppError {
  constructor() {
    super({
      kind: 'forbidden',
      code: 'FORBIDDEN',
      detail: {
        en: 'Send METRICS_TOKEN as a bearer token. If it is not set, only loopback clients may read the metrics.',
        ko: 'METRICS_TOKEN을 Bearer 토큰으로 보내세요. 설정되어 있지 않으면 서버 내부(루프백)에서만 지표를 읽을 수 있습니다.',
      },
    });
  }
}

interface MetricsRouteOptions {
  readonly metrics: Metrics;
  /** `METRICS_TOKEN`. */
  readonly token: string | undefined;
}

/** Serves `/metrics` to clients that send the token, or only to this machine if none is set. */
export function metricsRoute(server: FastifyInstance, { metrics, token }: MetricsRouteOptions): void {
  processMetrics();
  server.get('/metrics', async (request, reply) => {
    const mayRead = token === undefined ? isThisMachine(request) : sends(request, token);
    if (!mayRead) {
      sendProblem(reply, request, new MetricsForbiddenError());
      return reply;
    }
    return reply.header('cache-control', 'no-store').type(metrics.contentType).send(await metrics.text());
  });
}

function isThisMachine({ raw, headers }: FastifyRequest): boolean {
  const address = (raw.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d)/, '');
  const isLocal = LOOPBACK.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  return isLocal && PROXY_HEADERS.every((name) => headers[name] === undefined);
}

function sends({ headers }: FastifyRequest, token: string): boolean {
  const [, sent = ''] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return timingSafeEqual(digest(sent), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
