import { readFileSync } from 'node:fs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { dump } from 'js-yaml';
// Only this file of the package: its main file would load the whole bundle for browsers.
import getAbsoluteFSPath from 'swagger-ui-dist/absolute-path.js';
import { StaticResponse } from '../responses/static-response.js';
import { buildDocument } from './document.js';

/** Media types of Swagger UI's files, by file name. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'index.css': 'text/css; charset=utf-8',
  'favicon-16x16.png': 'image/png',
  'favicon-32x32.png': 'image/png',
};

const HTML = 'text/html; charset=utf-8';

/**
 * Serves Swagger UI at `/docs`, the document at `/docs/openapi.json` and `/docs/openapi.yaml`, and a page with links to
 * them at `/`. They have no rate limit: each is built at its first request, and then served from memory, with the same
 * bytes for every caller.
 */
export function openApi(server: FastifyInstance, { app }: { readonly app: NestFastifyApplication }): void {
  const document = once(() => buildDocument(app));
  const pages: Record<string, () => StaticResponse> = {
    '/': () => new StaticResponse(START_PAGE, HTML),
    '/docs': () => new StaticResponse(pageWith('docs/'), HTML),
    '/docs/': () => new StaticResponse(pageWith(''), HTML),
    '/docs/initializer.js': () => new StaticResponse(INITIALIZER, 'text/javascript; charset=utf-8'),
    '/docs/openapi.json': () => new StaticResponse(JSON.stringify(document()), 'application/json; charset=utf-8'),
    // Converted through JSON, which omits undefined properties.
    '/docs/openapi.yaml': () => {
      const yaml = dump(JSON.parse(JSON.stringify(document())), { noRefs: true });
      return new StaticResponse(yaml, 'application/yaml; charset=utf-8');
    },
  };
  for (const [name, type] of Object.entries(ASSETS)) {
    pages[`/docs/${name}`] = () => new StaticResponse(readFileSync(`${getAbsoluteFSPath()}/${name}`), type);
  }
  for (const [path, make] of Object.entries(pages)) {
    const page = once(make);
    server.get(path, (_request, reply) => page().send(reply));
  }
}

/** Memoizes `make`: calls it once, and returns the same value from then on. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const START_PAGE = `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>EcoGreen Seoul API</title>
  </head>
  <body>
    <h1>EcoGreen Seoul API</h1>
    <p><a href="docs">Swagger UI</a> · <a href="docs/openapi.json">OpenAPI document</a></p>
  </body>
</html>
`;

/** @param folder path of the other files, relative to the page */
function pageWith(folder: string): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>EcoGreen Seoul API</title>
    <link rel="stylesheet" href="${folder}swagger-ui.css">
    <link rel="stylesheet" href="${folder}index.css">
    <link rel="icon" type="image/png" href="${folder}favicon-32x32.png" sizes="32x32">
    <link rel="icon" type="image/png" href="${folder}favicon-16x16.png" sizes="16x16">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${folder}swagger-ui-bundle.js"></script>
    <script src="${folder}initializer.js"></script>
  </body>
</html>
`;
}

const INITIALIZER = `SwaggerUIBundle({
  url: new URL('openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;
