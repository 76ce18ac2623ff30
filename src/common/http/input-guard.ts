import type { FastifyInstance } from 'fastify';
import { MalformedRequestError } from '../errors/index.js';

const MAX_DEPTH = 10;

/**
 * Refuses input no client sends in good faith before anything works on it: JSON nested so deep that a recursive
 * reader would overflow its stack, fields named like those that every object has, and characters PostgreSQL cannot
 * store: NUL, and half a surrogate pair, on which readers of addresses fail too.
 */
export function guardInput(server: FastifyInstance): void {
  server.addHook('preValidation', (request, _reply, done) => {
    const sound = [request.body, request.query, request.params].every((input) => isSound(input, MAX_DEPTH));
    done(sound ? undefined : new MalformedRequestError());
  });
}

function isSound(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return true;
  return depth > 0 && Object.entries(value).every(([key, each]) => isSoundKey(key) && isSound(each, depth - 1));
}

function isSoundKey(key: string): boolean {
  return !(key in Object.prototype) && isStorable(key);
}

function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}
