import ts from 'typescript';
import { sourceFile } from './source-files.js';

/** One variable as `config/env.ts` reads it. */
export interface Setting {
  readonly name: string;
  /** As it would be written in a `.env`; empty when the default is none or depends on something else. */
  readonly default: string;
  /** What its documentation must name: bounds or choices. */
  readonly limits: readonly string[];
  readonly isDocumented: boolean;
}

/** Every `this.reader.<type>('NAME', …)` of the text of `config/env.ts`. */
export function settingsOf(envSource: string): Setting[] {
  const settings: Setting[] = [];
  const visit = (node: ts.Node): void => {
    const setting = ts.isCallExpression(node) ? settingOf(node) : undefined;
    if (setting !== undefined) settings.push(setting);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile('src/config/env.ts', envSource).tree);
  return settings;
}

function settingOf(call: ts.CallExpression): Setting | undefined {
  const [, kind] = /^this[.]reader[.](\w+)$/.exec(call.expression.getText()) ?? [];
  const [name, ...rest] = call.arguments;
  if (kind === undefined || name === undefined || !ts.isStringLiteral(name)) return undefined;
  const field = ts.findAncestor(call, ts.isPropertyDeclaration);
  const isDocumented = field !== undefined && ts.getJSDocCommentsAndTags(field).length > 0;
  return { name: name.text, isDocumented, ...rulesOf(kind, rest) };
}

/** Default and limits, by the kind of reading. */
function rulesOf(kind: string, [first, second]: readonly ts.Expression[]): Pick<Setting, 'default' | 'limits'> {
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

function elements(list: ts.Expression | undefined): string[] {
  return list !== undefined && ts.isArrayLiteralExpression(list) ? list.elements.map(literal) : [];
}

function member(rule: ts.Expression | undefined, name: string): string {
  if (rule === undefined || !ts.isObjectLiteralExpression(rule)) return '';
  const found = rule.properties.find((each) => each.name?.getText() === name);
  return literal(found !== undefined && ts.isPropertyAssignment(found) ? found.initializer : undefined);
}

function literal(node: ts.Expression | undefined): string {
  if (node === undefined) return '';
  if (ts.isStringLiteral(node)) return node.text;
  return ts.isNumericLiteral(node) ? node.text.replaceAll('_', '') : '';
}
