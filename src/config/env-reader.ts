import { isIP } from 'node:net';
import { parseDurationMs } from './duration.js';
import { guessesLog10 } from './key-strength.js';
import { InvalidRedisAddressError, parseRedisAddress } from './redis-address.js';

/** Default and range of a whole number. */
export interface IntegerRule {
  default: number;
  min: number;
  max: number;
}

/** Default and range of a duration; all three are durations such as `10m`. */
export interface DurationRule {
  default: string;
  min: string;
  max: string;
}

/** Fastify's names for networks: loopback, link-local and private ones. */
const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

const MAKE_SECRET = 'generate one with `openssl rand -base64 48`';

/** All invalid settings, one line each. */
export class InvalidSettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Invalid settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidSettingsError';
  }
}

/**
 * Reads environment variables and collects every broken rule, so that one start reports all of them.
 * An empty variable counts as unset. Values of secrets are never quoted.
 */
export class EnvReader {
  private readonly problems: string[] = [];

  constructor(private readonly source: Readonly<Record<string, string | undefined>>) {}

  integer(name: string, rule: IntegerRule): number {
    const text = this.find(name);
    if (text === undefined) return rule.default;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= rule.min && value <= rule.max) return value;
    this.report(name, text, `must be a whole number from ${rule.min} to ${rule.max}`);
    return rule.default;
  }

  /** A duration in milliseconds. */
  durationMs(name: string, rule: DurationRule): number {
    const text = this.find(name) ?? rule.default;
    const value = parseDurationMs(text);
    const [min, max] = [parseDurationMs(rule.min) ?? 0, parseDurationMs(rule.max) ?? Infinity];
    if (value !== null && value >= min && value <= max) return value;
    this.report(name, text, `must be a duration from ${rule.min} to ${rule.max}, such as 500ms, 30s, 10m, 2h or 14d`);
    return min;
  }

  oneOf<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.find(name);
    if (text === undefined) return fallback;
    const choice = choices.find((each) => each === text);
    if (choice !== undefined) return choice;
    this.report(name, text, `must be one of ${choices.join(', ')}`);
    return fallback;
  }

  text(name: string, fallback: string): string {
    return this.find(name) ?? fallback;
  }

  /** Comma-separated addresses and networks. */
  networks(name: string): string[] {
    const rule = `an address, a network such as 10.0.0.0/8, or one of ${NAMED_NETWORKS.join(', ')}`;
    return this.list(name, isNetwork, () => rule);
  }

  /** Comma-separated web origins; must match exactly what browsers send. */
  origins(name: string): string[] {
    const examples = 'https://app.example, http://localhost:5173 or capacitor://localhost';
    const rule = `an origin as browsers send it, such as ${examples}: no path, no default port, lower case`;
    const hint = 'no wildcard (responses allow credentials): list every origin, such as https://app.example';
    return this.list(name, isOrigin, (entry) => (entry.includes('*') ? hint : rule));
  }

  /** A URL with one of the given schemes; never quoted in errors, since it may contain a password. */
  url(name: string, schemes: readonly string[], fallback?: string): string {
    const text = this.find(name) ?? fallback;
    const rule = `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
    if (text === undefined) {
      this.problems.push(`${name} is not set; it ${rule} (\`npm start\` provides it)`);
      return '';
    }
    if (URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1))) return text;
    this.problems.push(`${name} has an invalid value (not shown: it may contain a password); it ${rule}`);
    return '';
  }

  /** A validated Redis address; never quoted in errors, since it may contain a password. */
  redisAddress(name: string, fallback?: string): string {
    const text = this.find(name) ?? fallback;
    try {
      parseRedisAddress(text ?? '');
      return text ?? '';
    } catch (error) {
      if (!(error instanceof InvalidRedisAddressError)) throw error;
      this.problems.push(
        text === undefined
          ? `${name} is not set; it ${error.message} (\`npm start\` provides it)`
          : `${name} has an invalid value (not shown: it may contain a password); it ${error.message}`,
      );
      return '';
    }
  }

  /** Comma-separated secrets, the first one in use; at least one, each of at least `minLength` random characters. */
  secrets(name: string, minLength: number): readonly [string, ...string[]] {
    const [first, ...rest] = this.entries(name);
    const rule = `must be one or more secrets of at least ${minLength} random characters each, separated by commas`;
    if (first === undefined) {
      this.problems.push(`${name} is not set; it ${rule} (${MAKE_SECRET})`);
      return [''];
    }
    if ([first, ...rest].some((secret) => !isSecret(secret, minLength))) {
      const hint = `it ${rule} (${MAKE_SECRET})`;
      this.problems.push(`${name} has an invalid value (not shown: it is secret); ${hint}`);
    }
    return [first, ...rest];
  }

  /** An optional secret of at least `minLength` random characters. */
  optionalSecret(name: string, minLength: number): string | undefined {
    const text = this.find(name);
    if (text !== undefined && !isSecret(text, minLength)) {
      const rule = `must be a secret of at least ${minLength} random characters (${MAKE_SECRET})`;
      this.problems.push(`${name} has an invalid value (not shown: it is secret); it ${rule}`);
    }
    return text;
  }

  /** Records a problem when a rule that spans several variables does not hold. */
  require(holds: boolean, problem: string): void {
    if (!holds) this.problems.push(problem);
  }

  /** @throws InvalidSettingsError when any variable read so far is invalid */
  finish(): void {
    if (this.problems.length > 0) throw new InvalidSettingsError(this.problems);
  }

  private list(name: string, holds: (entry: string) => boolean, ruleFor: (entry: string) => string): string[] {
    const entries = this.entries(name);
    for (const entry of entries) {
      if (!holds(entry)) this.problems.push(`${name} has ${quote(entry)}; each entry must be ${ruleFor(entry)}`);
    }
    return entries;
  }

  private entries(name: string): string[] {
    return (this.find(name) ?? '').split(',').map((each) => each.trim()).filter((each) => each !== '');
  }

  private find(name: string): string | undefined {
    const text = this.source[name]?.trim();
    return text === '' ? undefined : text;
  }

  private report(name: string, value: string, rule: string): void {
    this.problems.push(`${name} is ${quote(value)}; it ${rule}`);
  }
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 80));
}

/**
 * Whether a secret is long enough and not made of easily guessed parts: repetitions (`aaaa…`), sequences (`0123…`),
 * common passwords and English words. 32 random digits, 24 random bytes in base64 and 16 in hex all reach the 0.65.
 */
function isSecret(text: string, minLength: number): boolean {
  return text.length >= minLength && guessesLog10(text) >= 0.65 * minLength;
}

/** Stricter than Fastify, which would accept `1` as 0.0.0.1. */
function isNetwork(text: string): boolean {
  if (NAMED_NETWORKS.includes(text)) return true;
  const [, address = '', bits = '1'] = /^([^/]+)(?:[/]([1-9]\d{0,2}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}

/** `scheme://host[:port]` with any scheme a page can have: web views of apps use schemes of their own. */
function isOrigin(text: string): boolean {
  if (text.includes('*') || text !== text.toLowerCase() || !URL.canParse(text)) return false;
  const { protocol, host } = new URL(text);
  return host !== '' && text === `${protocol}//${host}` && !['ftp:', 'ws:', 'wss:'].includes(protocol);
}
