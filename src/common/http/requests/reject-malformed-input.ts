import type { FastifyInstance } from 'fastify';
import { MalformedRequestError } from '../../errors/index.js';
import { isWellFormed } from './input-bounds.js';

/** Refuses input no client sends in good faith before anything works on it. */
export function rejectMalformedInput(server: FastifyInstance): void {
  server.addHook('preValidation', (request, _reply, done) => {
    const sound = [request.body, request.query, request.params].every(isWellFormed);
    done(sound ? undefined : new MalformedRequestError());
  });
}
