import type { FastifyInstance } from 'fastify';
import { MalformedRequestError } from '../errors/index.js';

const MAX_DEPTH = 10;

/**
 * Refuses input no client sends in good faith before anything works on it: JSON nested so deep that a recursive
 * reader would overflow its stack, and NUL characters, which PostgreSQL cannot store.
 */
export function guardInput(server: FastifyInstance): void {
  server.addHook('preValidation', (request, _reply, done) => {
    const sound = [request.body, request.query, request.params].every((input) => isSound(input, MAX_DEPTH));
    done(sound ? undefined : new MalformedRequestError());
  });
}

function isSound(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !value.includes('\0');
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return true;
  return depth > 0 && Object.entries(value).every(([key, each]) => !key.includes('\0') && isSound(each, depth - 1));
}
