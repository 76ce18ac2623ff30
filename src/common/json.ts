/**
 * A constraint, `<P extends JsonFields<P>>`: every field, or item, of `P` survives a JSON round trip unchanged. In
 * JSON, dates become strings, maps and sets `{}`; methods, symbols and class state are lost; big integers throw.
 *
 * `undefined` is allowed for fields, which are then omitted. Not detectable by types: `NaN`, infinite numbers, getters,
 * and the fields of a `P` that declares none (`object`).
 */
export type JsonFields<T> = { [K in keyof T]: K extends symbol ? Refused : JsonField<T[K]> };

/** A JSON object with unknown fields. */
export interface JsonObject {
  readonly [field: string]: JsonValue | undefined;
}

type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[];

type JsonField<T> = IsTooWide<T> extends true ? Refused : T extends undefined ? T : JsonOf<T>;

type JsonOf<T> = T extends JsonValue
  ? T
  : T extends readonly unknown[]
    ? { [I in keyof T]: T[I] extends Exclude<T[I], undefined> ? JsonField<T[I]> : Refused }
    : T extends object
      ? IsTooWide<T> extends true ? Refused : T extends Callable ? Refused : JsonFields<T>
      : Refused;

type Callable = (...args: never[]) => unknown;

/** `any`, `unknown`, `object` and `{}` are too wide to be checked. */
type IsTooWide<T> = unknown extends T ? true : object extends T ? ([keyof T] extends [never] ? true : false) : false;

declare const refused: unique symbol;
/** A type that no value satisfies. */
interface Refused {
  readonly [refused]: 'JSON does not preserve this type';
}
