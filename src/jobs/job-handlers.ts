import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { InstanceWrapper } from '../common/index.js';
import { JobDefinition, type JobContext } from './define-job.js';
import { jobMethodsOf } from './job.decorator.js';
import { InvalidJobsError } from './jobs.errors.js';

/** A job definition and its handler. */
export interface JobHandler {
  readonly definition: JobDefinition;
  run(payload: object, context: JobContext): Promise<void>;
}

/** All `@Job` methods of the application, discovered at its start. */
@Injectable()
export class JobHandlers implements OnModuleInit {
  private readonly handlers = new Map<string, JobHandler & { readonly location: string }>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws InvalidJobsError that lists all problems */
  onModuleInit(): void {
    const problems = this.discovery.getProviders().flatMap((wrapper) => this.register(wrapper));
    if (problems.length > 0) throw new InvalidJobsError(problems);
  }

  find(name: string): JobHandler | undefined {
    return this.handlers.get(name);
  }

  /** Whether this exact definition, not only its name, has a handler. */
  has(definition: JobDefinition): boolean {
    return this.handlers.get(definition.name)?.definition === definition;
  }

  get definitions(): JobDefinition[] {
    return [...this.handlers.values()].map(({ definition }) => definition);
  }

  private register(wrapper: InstanceWrapper): string[] {
    const { metatype, isAlias, isNotMetatype } = wrapper;
    const prototype = (isNotMetatype ? undefined : metatype?.prototype) as object | undefined;
    if (isAlias || prototype === undefined) return [];
    return [...jobMethodsOf(prototype)].flatMap(([method, definition]) => {
      const location = `${prototype.constructor.name}.${String(method)}`;
      return this.registerMethod(wrapper, { method, definition, location }) ?? [];
    });
  }

  /** @returns the problem, if there is one */
  private registerMethod(
    wrapper: InstanceWrapper,
    { method, definition, location }: { method: string | symbol; definition: unknown; location: string },
  ): string | undefined {
    if (!isDefinition(definition)) {
      const advice = 'pass the result of defineJob, and check for circular imports';
      return `${location}: @Job got ${String(definition)}; ${advice}`;
    }
    if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
      return `${location} belongs to a request-scoped or transient provider; jobs need a singleton`;
    }
    const { name } = definition;
    const other = this.handlers.get(name);
    if (other !== undefined) return `job '${name}' is handled by ${other.location} and by ${location}; keep one`;
    const instance = wrapper.instance as Record<string | symbol, JobHandler['run']>;
    // The method is looked up at each run, since other components replace methods with wrappers.
    const run: JobHandler['run'] = async (payload, context) => instance[method]?.call(instance, payload, context);
    this.handlers.set(name, { definition, location, run });
    return undefined;
  }
}

function isDefinition(value: unknown): value is JobDefinition {
  return value instanceof JobDefinition;
}
