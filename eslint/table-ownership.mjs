import { relative } from 'node:path';
import layers from './layers.cjs';

/**
 * The module that owns each table. A test compares the tables with those of the database.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const TABLE_OWNERS = {
  app_user: 'users',
  job_run: 'jobs',
  lock_fence: 'database',
  migration: 'database',
  notification: 'notifications',
  notification_read_mark: 'notifications',
  outbox: 'database',
  place: 'places',
  place_bookmark: 'places',
  place_like: 'places',
  place_search: 'places',
  place_view: 'activity',
  review: 'reviews',
  review_like: 'reviews',
  view_batch: 'activity',
};

/**
 * Files that name tables of other modules, with the reason; without `tables` they may name all.
 *
 * @type {readonly { files: RegExp, tables?: readonly string[], reason: string }[]}
 */
const EXCEPTIONS = [
  { files: /^src\/database\/migrations\//, reason: 'Migrations define the schema of all modules.' },
  { files: /^src\/sample-data\//, reason: 'Fills the empty tables of all modules in bulk, in one transaction.' },
  {
    files: /^src\/notifications\/notifications[.]repository[.]ts$/,
    tables: ['app_user'],
    reason: 'Skips deleted accounts in the statement that inserts, so that a deletion in between cannot break it.',
  },
];

const TABLE = new RegExp(`(?<![\\w-])(?:${Object.keys(TABLE_OWNERS).join('|')})(?![\\w-])`, 'g');

const UNCHECKED = ['ImportDeclaration', 'ExportNamedDeclaration', 'CallExpression[callee.name="ForeignKey"]'];

/**
 * A table is named only in the SQL of the module that owns it; other modules call the service of that module. Foreign
 * keys of entities may name any table.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const tableOwnership = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      foreign:
        'Table {{table}} belongs to {{owner}}: call its service, or add an exception with the reason to'
        + ' eslint/table-ownership.mjs.',
    },
  },
  create(context) {
    const path = relative(context.cwd, context.filename).replaceAll('\\', '/');
    if (!layers.sql.some((pattern) => new RegExp(pattern).test(path))) return {};
    const module = path.split('/')[1];
    const exceptions = EXCEPTIONS.filter(({ files }) => files.test(path));

    /**
     * @param {import('eslint').Rule.Node} node
     * @param {string} text
     */
    function check(node, text) {
      for (const [table] of text.matchAll(TABLE)) {
        const owner = TABLE_OWNERS[table] ?? '';
        const isAllowed = exceptions.some(({ tables }) => tables?.includes(table) ?? true);
        if (owner !== module && !isAllowed) context.report({ node, messageId: 'foreign', data: { table, owner } });
      }
    }

    /** @param {import('eslint').Rule.Node} node */
    function checkLiteral(node) {
      if (node.type === 'Literal' && typeof node.value === 'string') check(node, node.value);
    }

    return {
      [`:not(${UNCHECKED.join(', ')}) > Literal`]: checkLiteral,
      TemplateElement: (node) => check(node, node.value.raw),
    };
  },
};
