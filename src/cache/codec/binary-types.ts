import { inspect } from 'node:util';

/**
 * A binary data type. Elements are encoded as their raw bytes in platform byte order, which is little-endian on every
 * platform of Node.
 */
interface BytesType {
  readonly name: string;
  readonly prototype: object;
  write(value: object): Buffer;
  read(bytes: Buffer): object;
  /** Creates another view of the same memory; undefined for types whose elements are not properties. */
  readonly view?: (memory: ArrayBuffer, byteOffset: number, length: number) => object;
}

interface View {
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): NodeJS.ArrayBufferView;
  readonly name: string;
  readonly prototype: object;
}

const views: readonly View[] = [
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  BigInt64Array,
];

/** All binary types that the codec supports. */
export const binaryTypes: readonly BytesType[] = [
  {
    name: 'Buffer',
    prototype: Buffer.prototype as object,
    write: bytesOf,
    read: (bytes) => bytes,
    view: (memory, byteOffset, length) => Buffer.from(memory, byteOffset, length),
  },
  {
    name: 'ArrayBuffer',
    prototype: ArrayBuffer.prototype,
    write: (value) => Buffer.from(value as ArrayBuffer),
    read: ownMemory,
  },
  {
    name: 'DataView',
    prototype: DataView.prototype,
    write: bytesOf,
    read: (bytes) => new DataView(ownMemory(bytes)),
  },
  ...views.map(viewType),
];

/**
 * Maximum number of elements for listing own keys; larger views are inspected. Listing a million keys takes seconds, an
 * inspection microseconds.
 */
const MAX_LISTED = 1_024;

/** Inspection options: all own fields, including non-enumerable ones and symbols, and no elements. */
const FIELDS_ALONE = { showHidden: true, customInspect: false, depth: 0, maxArrayLength: 0, maxStringLength: 0 };

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** Whether binary data has no own fields besides its bytes, enumerable or not. */
export function isBytesOnly({ view }: BytesType, value: object): boolean {
  if (view === undefined) return Reflect.ownKeys(value).length === 0;
  // Use the getters of the prototype, which own fields cannot shadow.
  const read = (name: keyof Uint8Array): unknown => Reflect.get(typedArrayPrototype, name, value);
  const length = read('length') as number;
  if (length <= MAX_LISTED) return Reflect.ownKeys(value).length === length;
  const bare = view(read('buffer') as ArrayBuffer, read('byteOffset') as number, length);
  return inspect(value, FIELDS_ALONE) === inspect(bare, FIELDS_ALONE);
}

function viewType(type: View): BytesType {
  const { name, prototype } = type;
  return {
    name,
    prototype,
    write: bytesOf,
    read: (bytes) => new type(ownMemory(bytes)),
    view: (memory, byteOffset, length) => new type(memory, byteOffset, length),
  };
}

function bytesOf(view: object): Buffer {
  const { buffer, byteOffset, byteLength } = view as NodeJS.ArrayBufferView;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/**
 * Copies bytes to memory of their own: a Buffer may be a slice of a pool, and a typed array must start at the beginning
 * of its memory.
 */
function ownMemory(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
