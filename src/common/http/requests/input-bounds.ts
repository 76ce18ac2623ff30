/** Levels of lists and objects in a body. */
export const MAX_DEPTH = 10;
/** Fields and items of a body or a query, at all levels together; the largest body that is of use has 81. */
export const MAX_VALUES = 120;
/** UAX #15 calls text with longer runs of combining marks not stream-safe: normalizing it takes quadratic time. */
const MAX_MARKS = 30;

const UNSTORABLE = new RegExp(`\\0|\\p{Surrogate}|\\p{M}{${MAX_MARKS + 1}}`, 'u');

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENINGS = new Set([0x5b, 0x7b]);
const CLOSINGS = new Set([0x5d, 0x7d]);

/** Whether JSON is neither deeper nor longer than allowed, told from its brackets and commas before it is parsed. */
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
 * Whether input may be worked on: at most `MAX_VALUES` fields and items, no field named like those that every object
 * has, and no character PostgreSQL cannot store (NUL, and half a surrogate pair, on which decoders of addresses fail
 * too), nor a run of combining marks that would take long to normalize.
 */
export function isWellFormed(input: unknown): boolean {
  let values = 0;
  const check = (value: unknown): boolean => {
    if (typeof value === 'string') return isStorable(value);
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return true;
    const fields = Object.entries(value);
    values += fields.length;
    return values <= MAX_VALUES && fields.every(([key, each]) => isSoundKey(key) && check(each));
  };
  return check(input);
}

function isSoundKey(key: string): boolean {
  return !(key in Object.prototype) && isStorable(key);
}

function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}
