import { dirname } from 'node:path';
import ts from 'typescript';
import { inspect, isProduction, lineCount, type Check, type SourceFile } from './source-files.js';

const LIMITS = { file: 200, anyFile: 300, function: 40, dependencies: 5, folder: 15, door: 15, main: 25 } as const;

const DOOR = /^src\/[^/]+\/index[.]ts$/;

/** Functions handed to these hold tests, which are read one by one. */
const TEST_BLOCKS = /^(describe|it|test|beforeAll|beforeEach|afterAll|afterEach)\b/;

/** 200 lines a file, 300 for tests. */
export const filesAreShort: Check = (files) =>
  files.flatMap((file) => {
    const isTest = file.path.startsWith('test/') || file.path.endsWith('.spec.ts');
    return tooMany(file, lineCount(file.text), isTest ? LIMITS.anyFile : LIMITS.file, 'lines');
  });

/** 25 lines for the start of the server. */
export const mainIsShort: Check = (files) =>
  files.filter(({ path }) => path === 'src/main.ts')
    .flatMap((file) => tooMany(file, lineCount(file.text), LIMITS.main, 'lines'));

/** 15 lines a door. */
export const doorsAreShort: Check = (files) =>
  files.filter(({ path }) => DOOR.test(path))
    .flatMap((file) => tooMany(file, lineCount(file.text), LIMITS.door, 'lines'));

/** A door names each thing it lets out. */
export const doorsAreExplicit: Check = (files) =>
  files.filter(({ path }) => DOOR.test(path)).flatMap((file) =>
    inspect(file, (node) => {
      if (node.parent !== file.tree || node.kind === ts.SyntaxKind.EndOfFileToken) return undefined;
      const isExplicit = ts.isExportDeclaration(node) && node.exportClause !== undefined;
      return isExplicit ? undefined : 'is no explicit export: a door holds nothing else';
    }),
  );

/** 40 lines a function. A migration is a list of statements, and a class in a function is no part of what it does. */
export const functionsAreShort: Check = (files) =>
  files.filter(({ path }) => !path.startsWith('src/database/migrations/')).flatMap((file) =>
    inspect(file, (node) => {
      if (!ts.isFunctionLike(node) || isTestBlock(node)) return undefined;
      const lines = lineCount(node.getText()) - linesOfClasses(node);
      return lines > LIMITS.function ? `is a function of ${lines} lines; at most ${LIMITS.function}` : undefined;
    }),
  );

/** 5 dependencies a class. */
export const constructorsTakeFew: Check = (files) =>
  files.filter(isProduction).flatMap((file) =>
    inspect(file, (node) => {
      if (!ts.isConstructorDeclaration(node) || node.parameters.length <= LIMITS.dependencies) return undefined;
      return `is a constructor of ${node.parameters.length} parameters; at most ${LIMITS.dependencies}`;
    }),
  );

/** 15 files a module folder; more get a sub-folder. */
export const foldersAreSmall: Check = (files) => {
  const folders = new Map<string, SourceFile[]>();
  for (const file of files.filter(({ path }) => /^src\/[^/]+\/[^/]+$/.test(path))) {
    const folder = dirname(file.path);
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders].filter(([, inside]) => inside.length > LIMITS.folder)
    .map(([folder, inside]) => `${folder}:1 has ${inside.length} files; at most ${LIMITS.folder} before a sub-folder`);
};

function tooMany({ path }: SourceFile, count: number, limit: number, what: string): string[] {
  return count > limit ? [`${path}:1 has ${count} ${what}; at most ${limit}`] : [];
}

function linesOfClasses(node: ts.Node): number {
  let lines = 0;
  ts.forEachChild(node, (child) => {
    lines += ts.isClassLike(child) ? lineCount(child.getText()) : linesOfClasses(child);
  });
  return lines;
}

function isTestBlock(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && TEST_BLOCKS.test(node.parent.expression.getText());
}
