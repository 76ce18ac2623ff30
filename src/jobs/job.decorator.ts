import type { JobContext, JobDefinition } from './define-job.js';

const DEFINITION = Symbol('job definition');

/**
 * Makes a method of a provider the handler of a job. There is one per definition; with two, the application does not
 * start. If it rejects, the job is retried by the rules of its definition; with `UnrecoverableError` it fails
 * permanently at once.
 *
 * @example
 * `@Injectable() export class RankPlaces {`
 * `  @Job(rankPlaces) async run({ window }: { window: Window }, { signal, progress }: JobContext): Promise<void> {}`
 * `}`
 */
export function Job<P extends object>(definition: JobDefinition<P>) {
  return <M extends (payload: P, context: JobContext) => Promise<void>>(
    prototype: object,
    method: string | symbol,
    _descriptor: TypedPropertyDescriptor<M>,
  ): void => Reflect.defineMetadata(DEFINITION, definition, prototype, method);
}

/** The `@Job` methods of a prototype and its ancestors, with the argument of the decorator. */
export function jobMethodsOf(prototype: object): Map<string | symbol, unknown> {
  const methods = new Map<string | symbol, unknown>();
  for (let each: object | null = prototype; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    for (const name of Reflect.ownKeys(each)) {
      const isNew = !methods.has(name) && Reflect.hasOwnMetadata(DEFINITION, each, name);
      if (isNew) methods.set(name, Reflect.getOwnMetadata(DEFINITION, each, name));
    }
  }
  return methods;
}
