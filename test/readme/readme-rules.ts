import { posix } from 'node:path';
import { settingsOf } from '../../scripts/env-settings.mjs';
import { fences, fileLinks, headings, rows } from './markdown.js';

/** Links to absent files. */
export function deadLinks(file: string, markdown: string, exists: (path: string) => boolean): string[] {
  const paths = fileLinks(markdown).map((target) => posix.join(posix.dirname(file), target));
  return paths.filter((path) => !exists(path)).map((path) => `${file} links to ${path}, which does not exist`);
}

const QUOTED_TITLE = /`([^`]+\s[^`]+)`[^`[\]]*? in\s+\[[^\]]+\]\(([^)]+\.(?:e2e-spec|spec|proof)\.ts)\)/g;

/** Test titles of several words, quoted as `` `title` in [file](path) ``, that the test file does not contain. */
export function titleProblems(file: string, markdown: string, read: (path: string) => string): string[] {
  const quotes = markdown.matchAll(QUOTED_TITLE);
  return [...quotes].flatMap(([, quote = '', target = '']) => {
    const [title, path] = [quote.replaceAll(/\s+/g, ' '), posix.join(posix.dirname(file), target)];
    return read(path).includes(title) ? [] : [`${file} quotes "${title}", which ${path} does not contain`];
  });
}

/** Violations of the table of twenty systems, each either ✓ with links to its files, or planned. */
export function systemProblems(table: string): string[] {
  const systems = rows(table);
  const numbers = systems.map(([number]) => Number(number));
  const complete = numbers.length === 20 && numbers.every((number, at) => number === at + 1);
  const homeless = systems.filter(([, , state = '', where = '']) => {
    return state === '✓' ? fileLinks(where).length === 0 : state !== 'planned' && state !== '예정';
  });
  return [
    ...(complete ? [] : [`the table numbers ${numbers.join(', ')}, not 1 to 20`]),
    ...homeless.map(([number = '']) => `system ${number} is neither ✓ with a file nor planned`),
  ];
}

/** Settings that the table omits, or lists with another default. */
export function settingProblems(table: string, envSource: string): string[] {
  const shown = new Map(rows(table.replaceAll('`', '')).map(([name = '', value = '']) => [name, value]));
  const settings = settingsOf(envSource);
  const unknown = [...shown.keys()].filter((name) => !settings.some((each) => each.name === name));
  return [
    ...settings.filter(({ name }) => !shown.has(name)).map(({ name }) => `${name} is missing`),
    ...settings
      .filter((each) => each.default !== '' && shown.has(each.name) && shown.get(each.name) !== each.default)
      .map((each) => `${each.name} shows "${shown.get(each.name) ?? ''}", its default is "${each.default}"`),
    ...unknown.map((name) => `${name} is no setting`),
  ];
}

/** Differences between two translations in code, links and number of sections. */
export function translationProblems(one: string, other: string): string[] {
  const parts = {
    code: (markdown: string) => fences(markdown).map(({ info, content }) => `${info}\n${withoutComments(content)}`),
    links: (markdown: string) => fileLinks(markdown).filter((target) => !target.startsWith('README')),
    sections: (markdown: string) => headings(markdown).map((_, at) => String(at)),
  };
  return Object.entries(parts).flatMap(([what, list]) => {
    const [here, there] = [list(one), list(other)];
    const at = Array.from({ length: Math.max(here.length, there.length) }, (_, index) => index);
    const first = at.find((index) => here[index] !== there[index]) ?? at.length;
    const problem = `${what} differ at number ${first + 1}: "${here[first] ?? ''}", "${there[first] ?? ''}"`;
    return first === at.length ? [] : [problem];
  });
}

function withoutComments(code: string): string {
  return code.replaceAll(/ *# .*$/gm, '');
}
