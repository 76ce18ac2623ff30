import ts from 'typescript';

/**
 * One variable as `config/env.ts` reads it.
 *
 * @typedef {object} Setting
 * @property {string} name
 * @property {string} kind name of the `EnvReader` method that reads it
 * @property {string} default as written in a `.env`; empty when there is none or it is no literal
 * @property {readonly string[]} limits bounds or choices, which its documentation must name
 * @property {boolean} isDocumented whether its field has a doc comment
 * @property {string} meaning text of the doc comment, without the leading name
 * @property {string} defaultNote text of `@defaultValue`, for a default that is no literal
 */

/**
 * Every `this.reader.<kind>('NAME', …)` of the text of `config/env.ts`, in order.
 *
 * @param {string} envSource
 */
export function settingsOf(envSource) {
  /** @type {Setting[]} */
  const settings = [];
  /** @type {(node: ts.Node) => void} */
  const visit = (node) => {
    const setting = ts.isCallExpression(node) ? settingOf(node) : undefined;
    if (setting !== undefined) settings.push(setting);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('src/config/env.ts', envSource, ts.ScriptTarget.Latest, true));
  return settings;
}

/**
 * @param {ts.CallExpression} call
 * @returns {Setting | undefined}
 */
function settingOf(call) {
  const [, kind] = /^this[.]reader[.](\w+)$/.exec(call.expression.getText()) ?? [];
  const [name, ...rest] = call.arguments;
  if (kind === undefined || name === undefined || !ts.isStringLiteral(name)) return undefined;
  return { name: name.text, kind, ...documentationOf(name.text, call), ...rulesOf(kind, rest) };
}

/**
 * @param {string} name
 * @param {ts.CallExpression} call
 */
function documentationOf(name, call) {
  const field = ts.findAncestor(call, ts.isPropertyDeclaration);
  const comments = field === undefined ? [] : ts.getJSDocCommentsAndTags(field).filter(ts.isJSDoc);
  const [comment] = comments;
  const tag = comment?.tags?.find(({ tagName }) => tagName.text === 'defaultValue');
  return {
    isDocumented: comment !== undefined,
    meaning: textOf(comment?.comment).replace(new RegExp(`^\`${name}\`[.:]? *`), ''),
    defaultNote: textOf(tag?.comment),
  };
}

/** @param {ts.JSDoc['comment']} comment */
function textOf(comment) {
  return (ts.getTextOfJSDocComment(comment) ?? '').replaceAll(/\s+/g, ' ').trim();
}

/**
 * Default and limits, by the kind of reading.
 *
 * @param {string} kind
 * @param {readonly ts.Expression[]} rest arguments after the name
 * @returns {Pick<Setting, 'default' | 'limits'>}
 */
function rulesOf(kind, [first, second]) {
  switch (kind) {
    case 'integer':
    case 'durationMs':
      return { default: member(first, 'default'), limits: [member(first, 'min'), member(first, 'max')] };
    case 'oneOf':
      return { default: literal(second), limits: elements(first) };
    case 'secrets':
    case 'optionalSecret':
      return { default: '', limits: [literal(first)] };
    case 'text':
      return { default: literal(first), limits: [] };
    default:
      return { default: '', limits: [] };
  }
}

/** @param {ts.Expression | undefined} list */
function elements(list) {
  return list !== undefined && ts.isArrayLiteralExpression(list) ? list.elements.map(literal) : [];
}

/**
 * @param {ts.Expression | undefined} rule
 * @param {string} name
 */
function member(rule, name) {
  if (rule === undefined || !ts.isObjectLiteralExpression(rule)) return '';
  const found = rule.properties.find((each) => each.name?.getText() === name);
  return literal(found !== undefined && ts.isPropertyAssignment(found) ? found.initializer : undefined);
}

/** @param {ts.Expression | undefined} node */
function literal(node) {
  if (node === undefined) return '';
  if (ts.isStringLiteral(node)) return node.text;
  return ts.isNumericLiteral(node) ? node.text.replaceAll('_', '') : '';
}
