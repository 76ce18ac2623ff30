/** Fenced block: its info string and content. */
export interface Fence {
  readonly info: string;
  readonly content: string;
}

/** Fenced blocks of a text, in order. */
export function fences(markdown: string): Fence[] {
  const found = markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, info = '', content = '']) => ({ info, content }));
}

/** Text below a heading of the second level, including sub-headings. */
export function section(markdown: string, heading: string): string {
  const [, text = ''] = new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(markdown) ?? [];
  return text;
}

/** Headings of the second level. */
export function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^## (.*)$/gm)].map(([, text = '']) => text);
}

/** Rows of all tables without their heads, each as its trimmed cells. */
export function rows(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  const isRule = (line: string | undefined) => line !== undefined && /^\|[-:| ]+\|$/.test(line);
  return lines
    .filter((line, at) => !isRule(line) && !isRule(lines[at + 1]))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));
}

/** Targets of links, except for web addresses and headings of the same file. */
export function fileLinks(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^(https?:|#)/.test(target)).map((target) => target.replace(/#.*$/, ''));
}
