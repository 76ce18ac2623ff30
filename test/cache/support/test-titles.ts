import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const TESTS = ['it', 'test', 'describe'];

/** The titles of all tests and groups of tests in a folder, read from the sources: one for each place. */
export function testTitlesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('spec.ts'));
  return files.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return titlesOf(ts.createSourceFile(name, text, ts.ScriptTarget.Latest));
  });
}

function titlesOf(node: ts.Node): string[] {
  const inner: string[] = [];
  ts.forEachChild(node, (child) => void inner.push(...titlesOf(child)));
  return ts.isCallExpression(node) ? [...titlesOfCall(node), ...inner] : inner;
}

/** Of `it('…')` its title; of `it.each(table)('%s …')` one for each row that begins with a text. */
function titlesOfCall({ expression, arguments: [first] }: ts.CallExpression): string[] {
  const title = first && textOf(first);
  if (title === undefined) return [];
  if (ts.isIdentifier(expression)) return TESTS.includes(expression.text) ? [title] : [];
  if (!ts.isCallExpression(expression) || !isEach(expression.expression)) return [];
  const rows = title.startsWith('%s') ? rowsOf(expression.arguments[0]) : [];
  return rows.length === 0 ? [title] : rows.map((row) => title.replace('%s', row));
}

function isEach(node: ts.Expression): boolean {
  return (
    ts.isPropertyAccessExpression(node) &&
    node.name.text === 'each' &&
    ts.isIdentifier(node.expression) &&
    TESTS.includes(node.expression.text)
  );
}

function rowsOf(table: ts.Expression | undefined): string[] {
  const list = table && ts.isAsExpression(table) ? table.expression : table;
  if (!list || !ts.isArrayLiteralExpression(list)) return [];
  return list.elements.flatMap((row) => {
    const first = ts.isArrayLiteralExpression(row) ? row.elements[0] : row;
    return (first && textOf(first)) ?? [];
  });
}

function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  return ts.isTemplateExpression(node) ? node.head.text : undefined;
}
