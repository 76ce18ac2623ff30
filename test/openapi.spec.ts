import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { operationsOf, readDocument, withDocumentFile, type Document, type Schema } from './openapi/document.js';

const VALIDATOR = '@seriousme/openapi-schema-validator/bin/validate-api-cli.js';
const REDOCLY = '@redocly/cli/bin/cli.js';
const OPENAPI_TYPESCRIPT = 'openapi-typescript/bin/cli.js';

describe('the OpenAPI document', () => {
  let document: Document;
  let operations: ReturnType<typeof operationsOf>;

  beforeAll(() => {
    document = readDocument();
    operations = operationsOf(document);
  });

  it('is valid OpenAPI 3.1', () => {
    const checked = withDocumentFile(document, (file) => run(VALIDATOR, [file]));
    expect(checked).toEqual({ code: 0, output: expect.stringContaining('valid') });
    expect(document.openapi).toBe('3.1.0');
  });

  it('passes redocly lint without a warning', () => {
    const linted = withDocumentFile(document, (file) => run(REDOCLY, ['lint', file, '--format', 'json']));
    const report = JSON.parse(linted.output.slice(linted.output.indexOf('{'))) as { problems: unknown[] };
    expect(report.problems).toEqual([]);
    expect(linted.code).toBe(0);
  });

  it('has a distinct constant for every enum value in generated clients', () => {
    const enums = enumsIn(document);
    const faults = enums.filter(({ enum: values = [], 'x-enum-varnames': names = values.map(generatedName) }) => {
      const isUsable = names.every((name) => /^[A-Za-z_]\w*$/.test(name) && /[A-Za-z]/.test(name));
      return !isUsable || names.length !== values.length || new Set(names).size !== names.length;
    });
    expect(faults).toEqual([]);
    const ofDistricts = enums.filter(({ enum: values }) => values?.includes('마포구'));
    expect(ofDistricts.length).toBeGreaterThan(2);
    for (const { enum: values = [], 'x-enum-varnames': names = [] } of ofDistricts) {
      expect(names[values.indexOf('마포구')]).toBe('MAPO_GU');
    }
  });

  it('has no two parameters of an operation with one name in generated clients', () => {
    const camelCase = (name: string) => name.toLowerCase().replace(/[-_]/g, '');
    const hasTwins = operations.filter(({ operation: { parameters = [] } }) => {
      return new Set(parameters.map(({ name }) => camelCase(name))).size < parameters.length;
    });
    expect(hasTwins.map(({ name }) => name)).toEqual([]);
  });

  it('names every operation once, with a summary', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(without(({ operation }) => (operation.summary ?? '') !== '')).toEqual([]);
  });

  it('describes every parameter with bounds', () => {
    const parameters = operations.flatMap(({ name, operation }) =>
      (operation.parameters ?? []).map((each) => ({ ...each, where: `${name} ${each.in} ${each.name}` })),
    );
    const undescribed = parameters.filter((each) => !each.description || !isBounded(each.schema));
    expect(undescribed.map((each) => each.where)).toEqual([]);
    expect(parameters.length).toBeGreaterThan(10);
  });

  it('uses a sized integer type except for fractions', () => {
    const numbers = numbersIn(document);
    const decimals = numbers.filter(({ types }) => types.includes('number'));
    expect(decimals.map(({ where }) => where)).toEqual([
      ...['PlaceDto.lat', 'PlaceDto.lng', 'PlaceDto.rating'],
      ...['CreatePlaceDto.lat', 'CreatePlaceDto.lng', 'UpdatePlaceDto.lat', 'UpdatePlaceDto.lng'],
      ...['CacheDto.meanLoadMs', 'JobDto.progress'],
    ].map((field) => `components.schemas.${field.replace('.', '.properties.')}`));
    expect(decimals.filter(({ format }) => format !== 'double')).toEqual([]);
    const whole = numbers.filter(({ types }) => types.includes('integer'));
    const fits = ({ format, maximum }: NumberFound) =>
      format === 'int64' || (format === 'int32' && maximum !== undefined && maximum < 2 ** 31);
    expect(whole.filter((each) => !fits(each))).toEqual([]);
    expect(whole.length).toBeGreaterThan(70);
  });

  it('describes every field, with bounds for requests', () => {
    const sent = new Set(operations.flatMap(({ operation }) => Object.values(operation.requestBody?.content ?? {}))
      .flatMap(({ schema }) => namesIn(schema, document)));
    const faults = Object.entries(document.components.schemas).flatMap(([model, schema]) =>
      Object.entries(schema.properties ?? {})
        .filter(([, field]) => !field.description || (sent.has(model) && !isBounded(field)))
        .map(([field]) => `${model}.${field}`),
    );
    expect(faults).toEqual([]);
    expect(sent.size).toBeGreaterThan(3);
  });

  it('has a complete example for every request and response body', () => {
    const schemas = operations.flatMap(({ name, operation }) =>
      [operation.requestBody, ...Object.values(operation.responses)]
        .flatMap((each) => Object.entries(each?.content ?? {}))
        .filter(([, content]) => content.examples === undefined)
        .map(([, content]) => ({ name, schema: content.schema })),
    );
    const faults = schemas.flatMap(({ name, schema }) =>
      fieldsWithoutExample(schema, document).map((field) => `${name}: ${field}`),
    );
    expect([...new Set(faults)]).toEqual([]);
  });

  it('lists each error response with its problem', () => {
    const faults = operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses)
        .filter(([status]) => Number(status) >= 400)
        .filter(([, { content }]) => Object.keys(content?.['application/problem+json']?.examples ?? {}).length === 0)
        .map(([status]) => `${name} ${status}`),
    );
    expect(faults).toEqual([]);
  });

  it('requires the access token for users, and the refresh token where it is consumed', () => {
    const securityOf = (id: string) =>
      operations.find(({ operation }) => operation.operationId === id)?.operation.security;
    expect(securityOf('createReview')).toEqual([{ accessToken: [] }]);
    expect(securityOf('listPlaces')).toEqual([{}, { accessToken: [] }]);
    expect(securityOf('reissue')).toEqual([{ refreshToken: [] }]);
    expect(securityOf('logOut')).toEqual([{ accessToken: [] }, { refreshToken: [] }]);
  });

  it('is the source of the typed client of the tests (npm run client)', () => {
    const options = ['--default-non-nullable=false'];
    const generated = withDocumentFile(document, (file) => run(OPENAPI_TYPESCRIPT, [file, ...options]));
    expect(generated.output.trim()).toBe(readFileSync('test/openapi/schema.d.ts', 'utf8').trim());
  });

  function without(holds: (each: (typeof operations)[number]) => boolean): string[] {
    return operations.filter((each) => !holds(each)).map(({ name }) => name);
  }
});

/** Runs a program of an installed package. */
function run(program: string, args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`node_modules/${program}`, ...args], {
    encoding: 'utf8',
    env: { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', REDOCLY_TELEMETRY: 'off', NO_COLOR: '1' },
  });
  return { code: status, output: status === 0 || stdout !== '' ? stdout : stderr };
}

/** Whether the schema limits its values: by an enum, format, pattern, length, range, or model of its own. */
function isBounded(schema: Schema): boolean {
  const types = [schema.type].flat();
  if (schema.$ref || schema.enum || schema.format || schema.pattern || schema.allOf || schema.anyOf) return true;
  if (schema.items) return schema.maxItems !== undefined && isBounded(schema.items);
  if (types.includes('string')) return schema.maxLength !== undefined;
  if (types.includes('boolean') || types.includes('object')) return true;
  return schema.minimum !== undefined && schema.maximum !== undefined;
}

function resolve(schema: Schema, document: Document): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (document.components.schemas[name] ?? {});
}

/** Names of all models that a schema refers to. */
function namesIn(schema: Schema, document: Document, seen: string[] = []): string[] {
  const name = schema.$ref?.split('/').at(-1);
  if (name !== undefined && seen.includes(name)) return seen;
  const here = name === undefined ? seen : [...seen, name];
  return partsOf(resolve(schema, document)).reduce((names, part) => namesIn(part, document, names), here);
}

function partsOf(schema: Schema): Schema[] {
  const { properties = {}, items, allOf = [], anyOf = [], oneOf = [] } = schema;
  return [...Object.values(properties), ...(items ? [items] : []), ...allOf, ...anyOf, ...oneOf];
}

/** Paths of the leaves without an example, for which Swagger UI would generate a value. */
function fieldsWithoutExample(schema: Schema, document: Document, path = ''): string[] {
  const resolved = resolve(schema, document);
  const example = schema.example ?? resolved.example ?? resolved.enum?.[0];
  if (example !== undefined || ['boolean', 'null'].includes(String(resolved.type))) return [];
  const parts = partsOf(resolved);
  if (parts.length === 0) return [path || 'the body'];
  const named = Object.entries(resolved.properties ?? {});
  const inner = named.flatMap(([name, field]) => fieldsWithoutExample(field, document, `${path}.${name}`));
  const others = parts.slice(named.length).flatMap((part) => fieldsWithoutExample(part, document, `${path}[]`));
  return [...inner, ...others];
}

interface NumberFound {
  readonly where: string;
  readonly types: readonly string[];
  readonly format: string | undefined;
  readonly maximum: number | undefined;
}

/** All schemas of numbers in the document. */
function numbersIn(node: unknown, path: readonly string[] = []): NumberFound[] {
  if (typeof node !== 'object' || node === null) return [];
  const { type, format, maximum } = node as Schema;
  const types = [type ?? []].flat();
  const isNumber = types.includes('number') || types.includes('integer');
  const children = Object.entries(node).filter(([name]) => !/^examples?$/.test(name));
  return [
    ...(isNumber ? [{ where: path.join('.'), types, format, maximum }] : []),
    ...children.flatMap(([name, child]) => numbersIn(child, [...path, name])),
  ];
}

/** All enums in the document. */
function enumsIn(part: unknown): Schema[] {
  if (typeof part !== 'object' || part === null) return [];
  const own = Array.isArray((part as Schema).enum) ? [part as Schema] : [];
  return [...own, ...Object.values(part).flatMap(enumsIn)];
}

/** Constant that openapi-typescript-codegen 0.30 generates for a value. */
function generatedName(value: unknown): string {
  const name = String(value).replace(/\W+/g, '_').replace(/^(\d+)/g, '_$1').replace(/([a-z])([A-Z]+)/g, '$1_$2');
  return name.toUpperCase();
}
