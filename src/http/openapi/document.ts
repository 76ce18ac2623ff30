import { STATUS_CODES } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import {
  ACCESS_TOKEN_USE,
  InternalError,
  MAX_ID,
  MalformedRequestError,
  PayloadTooLargeError,
  PROBLEM_MEDIA_TYPE,
  ProblemDto,
  problemResponses,
  ServiceUnavailableError,
  UnsupportedMediaTypeError,
  ValidationFailedError,
  type AccessTokenUse,
  type DocumentedError,
} from '../../common/index.js';
import { nameEnumValues } from './enum-names.js';
import { describeWholeNumbers } from './whole-numbers.js';
import { describeRateLimits, isLimited } from './rate-limits.js';
import { RateLimitedError } from '../../rate-limit/index.js';
import { AccessTokenExpiredError, AccessTokenMissingError, InvalidAccessTokenError } from '../../tokens/index.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];
type PathItem = OpenAPIObject['paths'][string];
type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

/** Name of the security scheme for `Authorization: Bearer …`. */
const ACCESS_TOKEN = 'accessToken';

/** Builds the OpenAPI 3.1 document. Complete only in a build: its compiler plugin makes doc comments descriptions. */
export function buildDocument(app: NestFastifyApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, describeService(), {
    operationIdFactory: (_controller, method) => method,
    extraModels: [ProblemDto],
  });
  for (const item of Object.values(document.paths)) {
    for (const operation of operationsOf(item)) completeOperation(operation, operation === item.get);
  }
  describeRateLimits(document, Object.values(document.paths).flatMap(operationsOf));
  for (const schema of Object.values(document.components?.schemas ?? {})) completeSchema(schema);
  nameEnumValues(document);
  describeWholeNumbers(document);
  return document;
}

function describeService() {
  return new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('EcoGreen Seoul API')
    .setDescription(
      'Find eco-friendly places in Seoul and review them.\n\n' +
        'Try it out: call `logIn` with the example body, copy `accessToken` into **Authorize**, then call any route. ' +
        'Errors are RFC 9457 problems in the language of `Accept-Language` (ko, en), with a stable `code`. ' +
        'Lists are paginated: send `nextCursor` as `cursor`. Reads have an `ETag`; `X-Cache` is their cache status.',
    )
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This server')
    .addTag('auth', 'Sign-up, login, tokens and device sessions')
    .addTag('users', 'Your account, likes, bookmarks and reviews')
    .addTag('places', 'Eco-friendly places, likes and bookmarks')
    .addTag('reviews', 'Reviews of places')
    .addTag('notifications', 'Real-time notifications')
    .addTag('admin', 'Administration: caches, jobs and announcements')
    .addTag('health', 'Liveness and readiness probes')
    .addBearerAuth({ type: 'http', bearerFormat: 'JWT', description: 'Short-lived access token' }, ACCESS_TOKEN)
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'Refresh', description: 'Refresh token, only for reissue and logout' },
      'refreshToken',
    )
    .build();
}

function operationsOf(item: PathItem): Operation[] {
  return METHODS.map((method) => item[method]).filter((operation) => operation !== undefined);
}

/** Adds an example to times, which are RFC 3339 in UTC; makes fields with a default optional. */
function completeSchema(schema: Schema): void {
  if ('$ref' in schema) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if ('$ref' in property) continue;
    if (property.format === 'date-time') property.example ??= '2026-11-20T09:30:00.000Z';
    if (property.default !== undefined) schema.required = schema.required?.filter((each) => each !== name);
  }
}

const LOCATION = 'URL of the created resource.';
const ETAG = 'Entity tag; send it as `If-None-Match` to get 304 while the resource is unchanged.';
const X_CACHE = 'Cache status: HIT, MISS, STALE or BYPASS; absent if no cache is used.';

/** @param headers description and example, by header name */
function addHeaders({ responses }: Operation, status: string, headers: Record<string, [string, string]>): void {
  const described = Object.entries(headers).map(([name, [description, example]]) => {
    return [name, { description, schema: { type: 'string' as const }, example }] as const;
  });
  responses[status] = { description: '', ...responses[status], headers: Object.fromEntries(described) };
}

/** Makes parameters with a default optional; describes numbers in a path as ids, as `ParseIdPipe` parses them. */
function completeParameter(parameter: Parameter): void {
  if ('$ref' in parameter || parameter.schema === undefined || '$ref' in parameter.schema) return;
  if (parameter.schema.default !== undefined) parameter.required = false;
  if (parameter.in !== 'path' || parameter.schema.type !== 'number') return;
  parameter.description ??= 'Id of the resource.';
  Object.assign(parameter.schema, { type: 'integer', minimum: 1, maximum: MAX_ID, example: 1 });
}

/** OpenAPI extensions set by decorators of `common`; converted to plain OpenAPI here. */
interface Extensions {
  [ACCESS_TOKEN_USE]?: AccessTokenUse;
  'x-created-at'?: string;
}

/** Adds what applies to every route, so that no controller repeats it. */
function completeOperation(operation: Operation & Extensions, isRead: boolean): void {
  const { [ACCESS_TOKEN_USE]: use = 'needed', 'x-created-at': createdAt } = operation;
  // JSON omits undefined properties.
  Object.assign(operation, { [ACCESS_TOKEN_USE]: undefined, 'x-created-at': undefined });
  operation.security ??= SECURITY[use];
  addProblems(operation, [...TOKEN_ERRORS[use], ...commonErrors(operation)]);
  if (createdAt !== undefined) addHeaders(operation, '201', { Location: [LOCATION, `${createdAt}/1`] });
  if (isRead && !isStream(operation)) {
    addHeaders(operation, '200', { ETag: [ETAG, '"1-2XCOF14msgiOhQzbtxUOVw"'], 'X-Cache': [X_CACHE, 'HIT'] });
  }
  for (const parameter of operation.parameters ?? []) completeParameter(parameter);
  splitSummary(operation);
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response !== undefined && !('$ref' in response)) response.description ||= STATUS_CODES[status] ?? status;
  }
}

/** Whether the response is an event stream; it does not end, so it has no entity tag. */
function isStream({ responses }: Operation): boolean {
  const response = responses['200'];
  return response !== undefined && 'content' in response && 'text/event-stream' in (response.content ?? {});
}

/** Uses only the first sentence of a doc comment as the summary, and the rest as the description. */
function splitSummary(operation: Operation): void {
  const [, summary = operation.summary, description] = /^(.*?)\.(?:\s+(.+))?$/s.exec(operation.summary ?? '') ?? [];
  Object.assign(operation, { summary, ...(description && { description }) });
}

const SECURITY: Readonly<Record<AccessTokenUse, Record<string, string[]>[]>> = {
  needed: [{ [ACCESS_TOKEN]: [] }],
  optional: [{}, { [ACCESS_TOKEN]: [] }],
  ignored: [],
};

const TOKEN_ERRORS: Readonly<Record<AccessTokenUse, readonly DocumentedError[]>> = {
  needed: [AccessTokenMissingError, AccessTokenExpiredError, InvalidAccessTokenError],
  optional: [AccessTokenExpiredError, InvalidAccessTokenError],
  ignored: [],
};

function commonErrors(operation: Operation): DocumentedError[] {
  const { requestBody, parameters = [] } = operation;
  const takesInput = requestBody !== undefined || parameters.length > 0;
  const withBody = requestBody === undefined ? [] : [PayloadTooLargeError, UnsupportedMediaTypeError];
  const limited = isLimited(operation) ? [RateLimitedError] : [];
  const always = [...limited, MalformedRequestError, InternalError, ServiceUnavailableError];
  return [...(takesInput ? [ValidationFailedError] : []), ...withBody, ...always];
}

/** Adds problem responses to those that the route declares itself. */
function addProblems(operation: Operation, errors: readonly DocumentedError[]): void {
  for (const [status, common] of Object.entries(problemResponses(errors))) {
    const own = operation.responses[status] as typeof common | undefined;
    const content = common.content[PROBLEM_MEDIA_TYPE];
    const examples = { ...own?.content[PROBLEM_MEDIA_TYPE].examples, ...content.examples };
    operation.responses[status] = {
      description: [own?.description, common.description].filter(Boolean).join('\n\n'),
      content: { [PROBLEM_MEDIA_TYPE]: { ...content, examples } },
    };
  }
}
