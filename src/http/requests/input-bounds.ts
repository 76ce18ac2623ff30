/** Maximum nesting depth of arrays and objects in a body. */
const MAX_DEPTH = 10;
/** Maximum number of fields and items in a body or query, over all levels; the largest useful body has 81. */
export const MAX_VALUES = 120;
/** Longest allowed run of combining marks. Longer ones are not stream-safe (UAX #15): normalization is quadratic. */
const MAX_MARKS = 30;

// Looks for a long run at the start of each run only; else every mark of a shorter run would be looked at 30 times.
const UNSTORABLE = new RegExp(`\\0|\\p{Surrogate}|(?<!\\p{M})\\p{M}{${MAX_MARKS + 1}}`, 'u');

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENINGS = new Set([0x5b, 0x7b]);
const CLOSINGS = new Set([0x5d, 0x7d]);

/** Whether JSON is within the depth and size limits; counts its brackets and commas before it is parsed. */
export function isJsonWithinBounds(json: Buffer): boolean {
  let [depth, values, isInText] = [0, 0, false];
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    if (isInText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) isInText = true;
    else if (byte === COMMA) values += 1;
    else if (OPENINGS.has(byte)) [depth, values] = [depth + 1, values + 1];
    else if (CLOSINGS.has(byte)) depth -= 1;
    if (depth > MAX_DEPTH || values > MAX_VALUES) return false;
  }
  return true;
}

/**
 * Whether input is safe to process: at most `MAX_VALUES` fields and items, no field named like a property that every
 * object has, no character that PostgreSQL cannot store (NUL, and lone surrogates, on which URL decoders fail too), and
 * no run of combining marks that is slow to normalize.
 */
export function isWellFormed(input: unknown): boolean {
  let values = 0;
  const check = (value: unknown): boolean => {
    if (typeof value === 'string') return isStorable(value);
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return true;
    const fields = Object.entries(value);
    values += fields.length;
    return values <= MAX_VALUES && fields.every(([key, each]) => isSafeKey(key) && check(each));
  };
  return check(input);
}

function isSafeKey(key: string): boolean {
  return !(key in Object.prototype) && isStorable(key);
}

function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}
