import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';

/**
 * Sends helmet's headers with every answer: all of them with pages, those that mean something for data with the rest.
 * They are the same for every request, so they are worked out once; helmet would do it anew each time.
 *
 * @param pages where the paths of pages begin
 */
export function addSecurityHeaders(server: FastifyInstance, pages: readonly string[]): void {
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

/** Closed but for what Swagger UI and Bull Board need: their own scripts, inline styles and inline images. */
const FOR_PAGES: HelmetOptions = {
  contentSecurityPolicy: {
    directives: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      frameAncestors: ["'none'"],
      // Over plain http on a laptop this would send Swagger UI's own files to https.
      upgradeInsecureRequests: null,
    },
  },
};

/** Nothing may be loaded, run or framed; what else helmet says is about pages. */
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

/** What helmet sends with data. */
export const DATA_HEADERS: Readonly<Record<string, string>> = headersOf(FOR_DATA);
