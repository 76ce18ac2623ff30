import { parse, type Class, type MethodDefinition, type PropertyDefinition, type StaticBlock } from 'acorn';

type Member = MethodDefinition | PropertyDefinition | StaticBlock;

/** Names of the helpers with which TypeScript, swc, Babel and esbuild replace private members for older targets. */
const PRIVATE_HELPERS = /_class_?private|__private(?:Add|Get|Set|Method|In|Wrapper)/i;
const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;

const known = new WeakMap<object, string | undefined>();

/**
 * Detects instance state that reflection cannot see: `#private` members (`accessor` fields included), or the internal
 * state of a built-in class such as Map. Reads the source code of the class and its base classes.
 *
 * @param prototype prototype of the class
 * @returns a description such as `extends Map`; undefined when all state can be in fields
 */
export function hiddenStateOf(prototype: object): string | undefined {
  if (!known.has(prototype)) known.set(prototype, findHiddenState(prototype));
  return known.get(prototype);
}

function findHiddenState(prototype: object): string | undefined {
  for (let each: object | null = prototype; each !== null && each !== Object.prototype; each = parentOf(each)) {
    const { constructor: type } = each as { readonly constructor?: unknown };
    if (typeof type !== 'function' || type.prototype !== each) return 'inherits from an object that is no class';
    const source = Function.prototype.toString.call(type);
    if (NATIVE.test(source)) return `extends ${type.name}`;
    if (hasPrivateMembers(source)) return 'has private members';
  }
  return undefined;
}

function parentOf(prototype: object): object | null {
  return Object.getPrototypeOf(prototype) as object | null;
}

/** Also true for source code that cannot be parsed. */
function hasPrivateMembers(source: string): boolean {
  if (PRIVATE_HELPERS.test(source)) return true;
  if (!source.startsWith('class')) return false;
  try {
    const [statement] = parse(`(${source})`, { ecmaVersion: 'latest' }).body;
    if (statement?.type !== 'ExpressionStatement') return true;
    return (statement.expression as unknown as Class).body.body.some(isPrivate);
  } catch {
    return true;
  }
}

function isPrivate(member: Member): boolean {
  return member.type !== 'StaticBlock' && !member.static && member.key.type === 'PrivateIdentifier';
}
