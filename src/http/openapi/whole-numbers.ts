const INT32_MAX = 2_147_483_647;
/** Format by which a DTO marks a number that may have a fraction: `@ApiProperty({ format: 'double' })`. */
const DECIMAL = 'double';

/** Schema keywords that describe the allowed numbers. */
interface NumberSchema {
  type?: unknown;
  format?: unknown;
  maximum?: unknown;
}

/**
 * Describes numbers as integers, with their size, in `node` and everywhere below it. TypeScript has only `number`, for
 * which client generators produce floats and decimals; so every number without the format `double` is an integer.
 */
export function describeWholeNumbers(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  describe(node);
  for (const [name, child] of Object.entries(node)) {
    if (name !== 'example' && name !== 'examples') describeWholeNumbers(child);
  }
}

function describe(schema: NumberSchema): void {
  const types: unknown[] = [schema.type].flat();
  const isWhole = types.includes('integer') || (types.includes('number') && schema.format !== DECIMAL);
  if (!isWhole) return;
  const whole = types.map((type) => (type === 'number' ? 'integer' : type));
  schema.type = Array.isArray(schema.type) ? whole : whole[0];
  schema.format = typeof schema.maximum === 'number' && schema.maximum <= INT32_MAX ? 'int32' : 'int64';
}
