import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';

interface SecurityHeadersOptions {
  /** Path prefixes of pages. */
  readonly pages: readonly string[];
}

/**
 * Adds helmet's headers to every response: all of them to pages, and those that are relevant for data to all others.
 * They are the same for every request, so they are computed once; helmet would compute them each time.
 */
export function securityHeaders(server: FastifyInstance, { pages }: SecurityHeadersOptions): void {
  const ofPages = headersOf(FOR_PAGES);
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(pages.some((each) => request.url.startsWith(each)) ? ofPages : DATA_HEADERS);
    done();
  });
}

function headersOf(options: HelmetOptions): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, () => undefined);
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}

/** Forbids everything except what Swagger UI and Bull Board need: own scripts, inline styles and inline images. */
const FOR_PAGES: HelmetOptions = {
  contentSecurityPolicy: {
    directives: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      frameAncestors: ["'none'"],
      // Over plain HTTP on a laptop, this would redirect Swagger UI's own files to HTTPS.
      upgradeInsecureRequests: null,
    },
  },
};

/** Nothing may be loaded, run or framed; the disabled headers of helmet concern pages only. */
const FOR_DATA: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** Helmet's headers for data responses. */
export const DATA_HEADERS: Readonly<Record<string, string>> = headersOf(FOR_DATA);
