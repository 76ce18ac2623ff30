import { relative } from 'node:path';

/** What may stand between the dots of a file name. */
const ROLES = [
  'browser', 'cache-keys', 'config', 'controller', 'decorator', 'dto', 'e2e-spec', 'entity', 'error', 'errors',
  'events', 'filter', 'gateway', 'groups', 'guard', 'http', 'interceptor', 'job', 'listener', 'middleware', 'module',
  'pipe', 'plugin', 'proof', 'proofs', 'property', 'repository', 'script', 'service', 'setup', 'spec', 'strategy',
  'subscriber',
];

const MEANINGLESS = /^(utils?|helpers?|misc|shared|core)$/;

/**
 * A file name is `name.role.ts` with a known role, and no part of its path is a catch-all word.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const fileName = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      role: '"{{role}}" is no known role of a file: use another name, or add the role to eslint/file-name.mjs.',
      meaningless: '"{{word}}" says nothing: name the file or folder for what it does.',
    },
  },
  create: (context) => ({
    Program(node) {
      const path = relative(context.cwd, context.filename).replace(/(^|[/\\])[.]/g, '$1');
      const words = path.split(/[/\\.]/);
      const roles = (path.split(/[/\\]/).at(-1) ?? '').split('.').slice(1, -1);
      const role = roles.find((each) => !ROLES.includes(each));
      const word = words.find((each) => MEANINGLESS.test(each));
      if (role !== undefined) context.report({ node, messageId: 'role', data: { role } });
      if (word !== undefined) context.report({ node, messageId: 'meaningless', data: { word } });
    },
  }),
};
