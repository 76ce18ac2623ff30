import { isDeepStrictEqual } from 'node:util';

/**
 * A kind of binary data: its elements travel as the bytes they are made of, little-endian as every platform of Node
 * is.
 */
interface BytesType {
  readonly name: string;
  readonly prototype: object;
  write(value: object): Buffer;
  read(bytes: Buffer): object;
}

interface View {
  new (buffer: ArrayBuffer): NodeJS.ArrayBufferView;
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
  DataView,
];

/** All kinds of binary data that the codec knows. */
export const bytesTypes: readonly BytesType[] = [
  { name: 'Buffer', prototype: Buffer.prototype as object, write: bytesOf, read: (bytes) => bytes },
  {
    name: 'ArrayBuffer',
    prototype: ArrayBuffer.prototype,
    write: (value) => Buffer.from(value as ArrayBuffer),
    read: ownMemory,
  },
  ...views.map(viewType),
];

/** Whether binary data has no fields beside its bytes. Listing the keys of a large view would take seconds. */
export function isBytesOnly(type: BytesType, value: object): boolean {
  return isDeepStrictEqual(value, type.read(type.write(value)));
}

function viewType(type: View): BytesType {
  const { name, prototype } = type;
  return { name, prototype, write: bytesOf, read: (bytes) => new type(ownMemory(bytes)) };
}

function bytesOf(view: object): Buffer {
  const { buffer, byteOffset, byteLength } = view as NodeJS.ArrayBufferView;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** A Buffer may be a window on a pool; a typed array must begin where its memory begins. */
function ownMemory(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
