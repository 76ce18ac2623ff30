import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const TESTS = ['it', 'test', 'describe'];

/** The title of a test or group of tests, and its file relative to the folder that was searched. */
export interface TestTitle {
  readonly file: string;
  readonly title: string;
}

/** The titles of all tests and groups of tests in a folder, read from the sources. */
export function testTitlesIn(folder: string): TestTitle[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => /(spec|[.]proof)[.]ts$/.test(name));
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return titlesOf(ts.createSourceFile(file, text, ts.ScriptTarget.Latest)).map((title) => ({ file, title }));
  });
}

function titlesOf(node: ts.Node): string[] {
  const inner: string[] = [];
  ts.forEachChild(node, (child) => void inner.push(...titlesOf(child)));
  return ts.isCallExpression(node) ? [...titlesOfCall(node), ...inner] : inner;
}

/**
 * The title of `it('…')`; of `it.each(table)('… %s …')` one per row that begins with a string literal. A final ` (%s)`,
 * which adds the case of a row, is cut off.
 */
function titlesOfCall({ expression, arguments: [first] }: ts.CallExpression): string[] {
  const title = first && textOf(first)?.replace(/ \(%\w\)$/, '');
  if (title === undefined) return [];
  if (ts.isIdentifier(expression)) return TESTS.includes(expression.text) ? [title] : [];
  if (!ts.isCallExpression(expression) || !isEach(expression.expression)) return [];
  const rows = title.includes('%s') ? rowsOf(expression.arguments[0]) : [];
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
