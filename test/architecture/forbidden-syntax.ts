import ts from 'typescript';
import { importedModule, inspect, isProduction, type Check } from './source-files.js';

const HTTP_ROOM = [
  /[.](controller|guard|interceptor|filter|middleware|strategy|decorator|pipe|http|plugin)[.]ts$/,
  /^src\/(common\/http\/|[^/]+$)/,
];
const SQL_ROOM = [
  /[.](repository|entity)[.]ts$/,
  /^src\/(database\/|sample-data\/(load-sample-data|fill-tables|production)[.]ts$)/,
];
const UNSET_FIELDS = /[.](entity|dto)[.]ts$/;

/** What Nest calls the words of HTTP. */
const HTTP_WORDS =
  /^(Http\w*|\w+Exception|Controller|Get|Post|Put|Patch|Delete|All|Head|Headers?|Redirect|Req|Res|Query|Param|Body)$/;

const SQL = [
  /^SELECT\s.+\sFROM\s/s,
  /^SELECT\s+\w+\(/,
  /^(INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\S+\s+SET|WITH\s+\w+\s+AS)\s/,
  /^(CREATE|ALTER|DROP|TRUNCATE)\s+[A-Z]+\s/,
];

// In two parts, so that this file passes its own check.
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);

const TEST_NAMES = /^(describe|it|test)\b/;

/** Every value has a type. */
export const nothingIsAny: Check = (files) =>
  files.flatMap((file) =>
    inspect(file, ({ kind }) => (kind === ts.SyntaxKind.AnyKeyword ? 'is any: say what it is, or unknown' : undefined)),
  );

/** `!` stands only after fields that somebody else sets: injected ones and those of entities and DTOs. */
export const nothingIsAssumedToBeThere: Check = (files) =>
  files.flatMap((file) =>
    inspect(file, (node) => {
      if (ts.isNonNullExpression(node)) return 'asserts with ! that a value is there: check it';
      if (!ts.isPropertyDeclaration(node) && !ts.isVariableDeclaration(node)) return undefined;
      if (node.exclamationToken === undefined || UNSET_FIELDS.test(file.path)) return undefined;
      const isInjected = ts.isPropertyDeclaration(node) && ts.getDecorators(node) !== undefined;
      return isInjected ? undefined : 'is declared with ! outside entities, DTOs and injected fields';
    }),
  );

/** Lengths count code points, as PostgreSQL does; `Length` of class-validator counts otherwise. */
export const lengthsCountCodePoints: Check = (files) =>
  files.filter(isProduction).flatMap((file) =>
    inspect(file, (node) => {
      if (!ts.isImportSpecifier(node) || !importsFrom(node.parent.parent.parent, /^class-validator$/)) return undefined;
      const name = (node.propertyName ?? node.name).text;
      const isLength = /^(Length|MinLength)$/.test(name);
      return isLength ? `imports ${name} of class-validator: use Length of src/common` : undefined;
    }),
  );

/** Only `config/env.ts` reads the environment. */
export const onlyConfigReadsTheEnvironment: Check = (files) =>
  files.filter((file) => isProduction(file) && file.path !== 'src/config/env.ts').flatMap((file) =>
    inspect(file, (node) => {
      const unpacks = ts.isBindingElement(node) && node.getText() === 'env';
      const reads = ts.isPropertyAccessExpression(node) && node.getText() === 'process.env';
      const imports = importsFrom(node, /^(node:)?process$/);
      return reads || unpacks || imports ? 'reads the environment: only src/config/env.ts may' : undefined;
    }),
  );

/** Of the decorators of a method, the first is the outermost. */
export const locksStandAboveTransactions: Check = (files) =>
  files.flatMap((file) =>
    inspect(file, (node) => {
      if (!ts.isMethodDeclaration(node)) return undefined;
      const decorators = ts.getDecorators(node) ?? [];
      const names = decorators.map(({ expression }) => /^\w+/.exec(expression.getText(file.tree))?.[0]);
      const transaction = names.indexOf('Transactional');
      const isBeneath = transaction >= 0 && names.lastIndexOf('Locked') > transaction;
      return isBeneath ? 'has @Locked beneath @Transactional: the lock would be free before the commit' : undefined;
    }),
  );

/** Modules that need each other lack a decision. */
export const nothingIsForwarded: Check = (files) =>
  files.filter(isProduction).flatMap((file) =>
    inspect(file, (node) => (isIdentifier(node, 'forwardRef') ? 'uses forwardRef: decide who needs whom' : undefined)),
  );

/** The words of HTTP stay with controllers, guards, interceptors and filters. */
export const onlyTheHttpRoomSpeaksHttp: Check = (files) =>
  files.filter((file) => isProduction(file) && !isIn(HTTP_ROOM, file.path)).flatMap((file) =>
    inspect(file, (node) => {
      if (!ts.isImportSpecifier(node) || !importsFrom(node.parent.parent.parent, /^@nestjs\/common$/)) return undefined;
      const name = (node.propertyName ?? node.name).text;
      return HTTP_WORDS.test(name) ? `imports ${name}: HTTP is not spoken here` : undefined;
    }),
  );

/** SQL is written in repositories, entities and `src/database/`. */
export const onlyTheSqlRoomSpeaksSql: Check = (files) =>
  files.filter((file) => isProduction(file) && !isIn(SQL_ROOM, file.path)).flatMap((file) =>
    inspect(file, (node) => {
      const text = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ? node.text : '';
      return isIn(SQL, text.trimStart()) ? 'is SQL: it belongs in a repository' : undefined;
    }),
  );

/** Work left for later is an issue, not a comment. */
export const nothingIsLeftForLater: Check = (files) =>
  files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, at) => (UNFINISHED.test(line) ? [`${path}:${at + 1} is left for later`] : [])),
  );

/** Names of tests say what is, not what should be. */
export const testsReadAsSentences: Check = (files) =>
  files.filter(({ path }) => path.endsWith('spec.ts')).flatMap((file) =>
    inspect(file, (node) => {
      if (!ts.isCallExpression(node) || !TEST_NAMES.test(node.expression.getText())) return undefined;
      const [title] = node.arguments;
      const isWish = title !== undefined && ts.isStringLiteralLike(title) && /\bshould\b/.test(title.text);
      return isWish ? 'says "should": say what it does' : undefined;
    }),
  );

function isIn(kinds: readonly RegExp[], text: string): boolean {
  return kinds.some((kind) => kind.test(text));
}

function importsFrom(node: ts.Node, specifier: RegExp): boolean {
  return specifier.test(importedModule(node) ?? '');
}

function isIdentifier(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}
