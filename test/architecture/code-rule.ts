import type { Check } from './source-files.js';

/** A rule for our own files, with files that break it and the problems it must find in them. */
export interface CodeRule {
  readonly says: string;
  readonly check: Check;
  /** Source by path. */
  readonly planted: Readonly<Record<string, string>>;
  readonly caught: readonly string[];
}
