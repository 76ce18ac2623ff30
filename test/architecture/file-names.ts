import { basename, dirname } from 'node:path';
import ts from 'typescript';
import { isProduction, type Check, type SourceFile } from './source-files.js';

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*([.][a-z0-9]+(-[a-z0-9]+)*)*[.](ts|mjs|cjs)$/;

/** Classes with these endings live in files with that infix, and such a file holds such a class. */
const ROLES: Readonly<Record<string, string>> = {
  Module: 'module',
  Controller: 'controller',
  Service: 'service',
  Repository: 'repository',
  Guard: 'guard',
  Interceptor: 'interceptor',
  Filter: 'filter',
  Listener: 'listener',
  Pipe: 'pipe',
  Dto: 'dto',
};

/** Roles that no class ending tells. */
const OTHER_ROLES = [
  'entity', 'error', 'errors', 'events', 'cache-keys', 'decorator', 'strategy', 'middleware', 'gateway', 'subscriber',
  'http', 'plugin', 'job', 'script', 'setup', 'spec', 'e2e-spec', 'property', 'config', 'browser',
];

const SAYS_NOTHING = /^(utils?|helpers?|misc|shared|core)$/;

/** Files are named in kebab-case, and what follows the first dot is a role we know. */
export const namesAreKebabCaseWithRole: Check = (files) =>
  files.flatMap(({ path }) => {
    const name = basename(path).replace(/^[.]/, '');
    if (!KEBAB.test(name)) return [`${path}:1 is not in kebab-case`];
    const unknown = name.split('.').slice(1, -1).find((role) => !knowsRole(role));
    return unknown === undefined ? [] : [`${path}:1 has the role "${unknown}", which is none of ours`];
  });

/** A class named for a role stands in a file of that role, and a file of a role holds such a class. */
export const classesStandInFilesOfTheirRole: Check = (files) =>
  files.filter(isProduction).flatMap((file) => {
    const names = exportedClasses(file);
    const homeless = names.filter((name) => {
      const role = roleOf(name);
      return role !== undefined && !file.path.endsWith(`.${role}.ts`);
    });
    const infix = /[.]([a-z-]+)[.]ts$/.exec(file.path)?.[1] ?? '';
    const empty = Object.values(ROLES).includes(infix) && !names.some((name) => roleOf(name) === infix);
    return [
      ...homeless.map((name) => `${file.path}:1 exports ${name}: it belongs in a file of that role`),
      ...(empty ? [`${file.path}:1 has the role "${infix}" but exports no such class`] : []),
    ];
  });

/** Entities stand in `*.entity.ts`. */
export const entitiesStandInEntityFiles: Check = (files) =>
  files
    .filter((file) => isProduction(file) && !file.path.endsWith('.entity.ts') && /^@Entity\(/m.test(file.text))
    .map(({ path }) => `${path}:1 holds an @Entity: it belongs in a file named *.entity.ts`);

/** One class a file in `dto/`. */
export const dtoFoldersHaveOneClassAFile: Check = (files) =>
  files
    .filter((file) => basename(dirname(file.path)) === 'dto' && exportedClasses(file).length > 1)
    .map(({ path }) => `${path}:1 exports several classes: one class a file in dto/`);

/** No file or folder whose name would fit anything. */
export const namesSaySomething: Check = (files) =>
  files.flatMap(({ path }) => {
    const empty = path.split(/[/.]/).find((word) => SAYS_NOTHING.test(word));
    return empty === undefined ? [] : [`${path}:1 is named "${empty}": name it for what it does`];
  });

function knowsRole(role: string): boolean {
  return Object.values(ROLES).includes(role) || OTHER_ROLES.includes(role);
}

function roleOf(className: string): string | undefined {
  return Object.entries(ROLES).find(([ending]) => className.endsWith(ending))?.[1];
}

function exportedClasses({ tree }: SourceFile): string[] {
  return tree.statements
    .filter((node) => ts.isClassDeclaration(node))
    .filter((node) => node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .map((node) => node.name?.text ?? '');
}
