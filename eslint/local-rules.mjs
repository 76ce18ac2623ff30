import { relative } from 'node:path';
import { classInRoleFile } from './class-in-role-file.mjs';
import { fileName } from './file-name.mjs';
import layers from './layers.cjs';
import { tableOwnership } from './table-ownership.mjs';
import { vocabulary } from './vocabulary.mjs';

/** Names of `@nestjs/common` that belong to HTTP. */
const HTTP_NAMES =
  '/^(Http\\w*|\\w+Exception|Controller|Get|Post|Put|Patch|Delete|All|Head|Headers?'
  + '|Redirect|Req|Res|Query|Param|Body)$/';

const SQL_TEXTS = [
  '/^\\s*SELECT\\s.+\\sFROM\\s/s',
  '/^\\s*SELECT\\s+\\w+\\(/',
  '/^\\s*(INSERT\\s+INTO|DELETE\\s+FROM|UPDATE\\s+\\S+\\s+SET|WITH\\s+\\w+\\s+AS)\\s/',
  '/^\\s*(CREATE|ALTER|DROP|TRUNCATE)\\s+[A-Z]+\\s/',
];

/**
 * Rules of this repository. Each bit of forbidden syntax is a rule of its own, because of several
 * `no-restricted-syntax` that match a file only the last one counts.
 *
 * @type {import('eslint').ESLint.Plugin}
 */
export const localRules = {
  rules: {
    'class-in-role-file': classInRoleFile,
    'constructor-parameters': forbid(
      'At most 5 dependencies: split the class, or group what belongs together.',
      ['MethodDefinition[kind="constructor"] > FunctionExpression[params.length>5]'],
    ),
    'entity-in-entity-file': forbid('Move the @Entity to a file named *.entity.ts.', [
      'ClassDeclaration > Decorator[expression.callee.name="Entity"]',
    ]),
    'explicit-public-api': forbid("An index.ts holds only `export { … } from './file.js'`; name each export.", [
      'Program > :not(ExportNamedDeclaration)',
      'ExportNamedDeclaration[source=null]',
    ]),
    'file-name': fileName,
    'hook-in-plugin': forbid(
      'Move the hook to a Fastify plugin, a file named *.plugin.ts that src/http/plugins.ts registers.',
      ['CallExpression[callee.property.name="addHook"]'],
      ['[.]plugin[.]ts$'],
    ),
    'http-only-at-the-edge': forbid(
      'HTTP belongs in controllers, guards, interceptors and filters: throw an AppError, or move this there.',
      [`ImportDeclaration[source.value="@nestjs/common"] > ImportSpecifier[imported.name=${HTTP_NAMES}]`],
      layers.http,
    ),
    'lock-above-transaction': forbid(
      'Move @Locked above @Transactional: below it, the lock is released before the commit.',
      [
        'MethodDefinition > Decorator[expression.callee.name="Transactional"]'
        + ' ~ Decorator[expression.callee.name="Locked"]',
      ],
    ),
    'no-unset-fields': forbid(
      'Initialize it, or declare it optional; `!` is for entities, DTOs and injected fields.',
      ['VariableDeclarator[definite=true]', 'PropertyDefinition[definite=true][decorators.length=0]'],
    ),
    'sql-only-in-repositories': forbid(
      'SQL belongs in a repository, an entity or src/database: move the query there.',
      SQL_TEXTS.flatMap((text) => [`Literal[value=${text}]`, `TemplateElement:first-child[value.cooked=${text}]`]),
      layers.sql,
    ),
    'table-ownership': tableOwnership,
    vocabulary,
  },
};

/**
 * @param {string} message ends with what to do instead
 * @param {readonly string[]} selectors
 * @param {readonly string[]} [exempt] regular expressions on paths where it is allowed
 * @returns {import('eslint').Rule.RuleModule}
 */
function forbid(message, selectors, exempt = []) {
  return {
    meta: { type: 'problem', schema: [], messages: { forbidden: message } },
    create(context) {
      const path = relative(context.cwd, context.filename).replaceAll('\\', '/');
      if (exempt.some((pattern) => new RegExp(pattern).test(path))) return {};
      /** @param {import('eslint').Rule.Node} node */
      const report = (node) => context.report({ node, messageId: 'forbidden' });
      return { [selectors.join(', ')]: report };
    },
  };
}
