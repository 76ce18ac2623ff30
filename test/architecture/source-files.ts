import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './import-rules.js';

/** A file of ours, as text and as syntax tree. */
export interface SourceFile {
  /** From the repository's folder, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** What is wrong, one line each: `path:line what`. */
export type Check = (files: readonly SourceFile[]) => string[];

/** Parses a text as the file it would be at `path`. */
export function sourceFile(path: string, text: string): SourceFile {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Every TypeScript and JavaScript file we wrote: `src/`, `test/`, `scripts/`, `bench/` and what lies beside them. */
export function ownFiles(): SourceFile[] {
  const folders = ['src', 'test', 'scripts', 'bench'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  return [...readdirSync(ROOT), ...folders]
    .filter((path) => /(?<![.]d)[.](ts|mjs|cjs)$/.test(path) && !path.includes('node_modules'))
    .sort()
    .map((path) => sourceFile(path.replaceAll('\\', '/'), readFileSync(join(ROOT, path), 'utf8')));
}

/** Files that go into production. */
export function isProduction({ path }: SourceFile): boolean {
  return path.startsWith('src/') && !path.endsWith('.spec.ts');
}

/** Where a node stands, as a problem begins. */
export function place(file: SourceFile, node: ts.Node): string {
  return `${file.path}:${file.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** Every node of a file that `pick` answers for, with what it says of it. */
export function inspect(file: SourceFile, pick: (node: ts.Node) => string | undefined): string[] {
  const problems: string[] = [];
  const visit = (node: ts.Node): void => {
    const problem = pick(node);
    if (problem !== undefined) problems.push(`${place(file, node)} ${problem}`);
    ts.forEachChild(node, visit);
  };
  visit(file.tree);
  return problems;
}

/** How many lines a text or a node has. */
export function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length;
}

/** What an import statement, or an `import()` of a fixed name, imports. */
export function importedModule(node: ts.Node): string | undefined {
  const specifier = ts.isImportDeclaration(node)
    ? node.moduleSpecifier
    : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0] : undefined;
  return specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : undefined;
}
