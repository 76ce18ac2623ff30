/** @type {Readonly<Record<string, string>>} the ending of a class by the infix of its file */
const ENDINGS = {
  module: 'Module',
  controller: 'Controller',
  service: 'Service',
  repository: 'Repository',
  guard: 'Guard',
  interceptor: 'Interceptor',
  filter: 'Filter',
  listener: 'Listener',
  pipe: 'Pipe',
  dto: 'Dto',
};

/**
 * An exported `PlacesService` is in a `*.service.ts`, and a `*.service.ts` exports such a class.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const classInRoleFile = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      misplaced: 'Move {{name}} to a file named *.{{role}}.ts, or give the class another ending.',
      missing: 'Export a class named *{{ending}} here, or name the file without ".{{role}}".',
    },
  },
  create(context) {
    const infix = /[.]([a-z-]+)[.]ts$/.exec(context.filename)?.[1] ?? '';
    let isFound = false;
    return {
      ClassDeclaration(node) {
        if (node.parent.type !== 'ExportNamedDeclaration') return;
        const { name } = node.id;
        const [role] = Object.entries(ENDINGS).find(([, ending]) => name.endsWith(ending)) ?? [];
        isFound ||= role === infix;
        if (role !== undefined && role !== infix) {
          context.report({ node: node.id, messageId: 'misplaced', data: { name, role } });
        }
      },
      'Program:exit'(node) {
        const ending = ENDINGS[infix];
        if (ending === undefined || isFound) return;
        context.report({ node, messageId: 'missing', data: { ending, role: infix } });
      },
    };
  },
};
