import { STATUS_CODES } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import {
  InternalError,
  MalformedRequestError,
  ProblemDto,
  problemResponses,
  ServiceUnavailableError,
  ValidationFailedError,
} from './common/index.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type PathItem = OpenAPIObject['paths'][string];

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

/** Name of the security scheme for `Authorization: Bearer …`. */
const ACCESS_TOKEN = 'accessToken';

/** Serves Swagger UI at `/docs` and the document at `/docs/openapi.json`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => buildDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'EcoGreen Seoul API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, tryItOutEnabled: true },
  });
}

/** The OpenAPI 3.1 document. Complete only for the build: its compiler plugin turns doc comments into descriptions. */
export function buildDocument(app: NestFastifyApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, describeService(), {
    operationIdFactory: (_controller, method) => method,
    extraModels: [ProblemDto],
  });
  for (const item of Object.values(document.paths)) {
    for (const operation of operationsOf(item)) completeOperation(operation);
  }
  return document;
}

function describeService() {
  return new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('EcoGreen Seoul API')
    .setDescription(
      'Find eco-friendly places in Seoul and review them.\n\n' +
        'Try it: `logIn` with the example body, copy `accessToken` into **Authorize**, then call any route. ' +
        'Errors are RFC 9457 problems in the language of `Accept-Language` (ko, en); program against `code`. ' +
        'Lists are paged: send `nextCursor` back as `cursor`. Reads carry an `ETag`; cached ones say so in `X-Cache`.',
    )
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'this server')
    .addTag('auth', 'Sign up, log in, tokens and device sessions')
    .addTag('users', 'Your profile')
    .addTag('places', 'Eco-friendly places, likes and bookmarks')
    .addTag('reviews', 'What people say of places')
    .addTag('health', 'For load balancers')
    .addBearerAuth({ type: 'http', bearerFormat: 'JWT', description: 'The access token; 10 minutes' }, ACCESS_TOKEN)
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'Refresh', description: 'The refresh token; only for reissue and logout' },
      'refreshToken',
    )
    .build();
}

function operationsOf(item: PathItem): Operation[] {
  return METHODS.map((method) => item[method]).filter((operation) => operation !== undefined);
}

/** Adds what is true of every route, so that no controller repeats it. */
function completeOperation(operation: Operation & { 'x-public'?: boolean }): void {
  const isPublic = operation['x-public'] === true;
  delete operation['x-public'];
  operation.security ??= isPublic ? [{}, { [ACCESS_TOKEN]: [] }] : [{ [ACCESS_TOKEN]: [] }];
  const takesInput = operation.requestBody !== undefined || (operation.parameters ?? []).length > 0;
  const always = [MalformedRequestError, InternalError, ServiceUnavailableError];
  const common = problemResponses(takesInput ? [ValidationFailedError, ...always] : always);
  operation.responses = { ...common, ...operation.responses };
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response !== undefined && !('$ref' in response)) response.description ||= STATUS_CODES[status] ?? status;
  }
}
