import { posix } from 'node:path';
import { importedModule, inspect, type Check, type SourceFile } from './source-files.js';

/** Commands a newcomer types on a fresh clone. */
const FIRST_COMMANDS = /^scripts\/(start|dev|reset|smoke|test|check)[.]mjs$/;

/** What runs before `npm ci` has run imports Node and other such scripts, nothing else. */
export const firstCommandsNeedNothingInstalled: Check = (files) => {
  const reached = new Set(files.filter(({ path }) => FIRST_COMMANDS.test(path)));
  for (const file of reached) importedFiles(file, files).forEach((each) => reached.add(each));
  return [...reached].flatMap((file) =>
    inspect(file, (node) => {
      const name = importedModule(node);
      const isPackage = name !== undefined && !name.startsWith('node:') && !name.startsWith('.');
      return isPackage ? `imports ${name}: it runs before npm ci` : undefined;
    }),
  );
};

function importedFiles(file: SourceFile, files: readonly SourceFile[]): SourceFile[] {
  const names: string[] = [];
  inspect(file, (node) => {
    const name = importedModule(node);
    if (name?.startsWith('.')) names.push(posix.join(posix.dirname(file.path), name));
    return undefined;
  });
  return files.filter(({ path }) => names.includes(path));
}
