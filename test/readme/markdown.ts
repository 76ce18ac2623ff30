/** A fenced block: what stands behind the opening fence, and its content. */
export interface Fence {
  readonly info: string;
  readonly content: string;
}

/** Fenced blocks of a text, in order. */
export function fences(markdown: string): Fence[] {
  const found = markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, info = '', content = '']) => ({ info, content }));
}

/** The text under a heading of the second level, without its sub-headings' text being cut. */
export function section(markdown: string, heading: string): string {
  const [, text = ''] = new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(markdown) ?? [];
  return text;
}

/** Headings of the second level. */
export function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^## (.*)$/gm)].map(([, text = '']) => text);
}

/** Rows of the tables in a text, their head and rule left out, each row as its trimmed cells. */
export function rows(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  const isRule = (line: string | undefined) => line !== undefined && /^\|[-:| ]+\|$/.test(line);
  return lines
    .filter((line, at) => !isRule(line) && !isRule(lines[at + 1]))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));
}

/** Where the links of a text lead, other than to the web or to a heading of the same file. */
export function fileLinks(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^(https?:|#)/.test(target)).map((target) => target.replace(/#.*$/, ''));
}
