import { transformSync } from '@swc/core';

/** The class as swc builds it for an older target, where private members are in WeakMaps. */
export function builtBySwc(): new (state: number) => object {
  const source = 'class Older { page = 1; #state; constructor(state) { this.#state = state; } } exports.Older = Older;';
  const jsc = { target: 'es2018', parser: { syntax: 'ecmascript' } } as const;
  return run(transformSync(source, { isModule: false, jsc }).code);
}

/** The class as esbuild builds it for such a target. */
export function builtByEsbuild(): new (state: number) => object {
  return run(`
    var __typeError = (msg) => { throw TypeError(msg); };
    var __accessCheck = (obj, member, msg) => member.has(obj) || __typeError("Cannot " + msg);
    var __privateAdd = (obj, member, value) => member.has(obj)
      ? __typeError("Cannot add the same private member more than once")
      : member instanceof WeakSet ? member.add(obj) : member.set(obj, value);
    var __privateSet = (obj, member, value, setter) => (
      __accessCheck(obj, member, "write to private field"),
      setter ? setter.call(obj, value) : member.set(obj, value), value);
    var _state;
    class Older {
      constructor(state) {
        this.page = 1;
        __privateAdd(this, _state);
        __privateSet(this, _state, state);
      }
    }
    _state = new WeakMap();
    exports.Older = Older;
  `);
}

function run(code: string): new (state: number) => object {
  const exports = {} as { Older: new (state: number) => object };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  (new Function('exports', code) as (exports: object) => void)(exports);
  return exports.Older;
}
