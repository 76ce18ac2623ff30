import type { FastifyInstance } from 'fastify';
import { MalformedRequestError } from '../../common/index.js';
import { isWellFormed } from './input-bounds.js';

/** Rejects input that no legitimate client sends, before it is processed. */
export function malformedInput(server: FastifyInstance): void {
  server.addHook('preValidation', (request, _reply, done) => {
    const isValid = [request.body, request.query, request.params].every(isWellFormed);
    done(isValid ? undefined : new MalformedRequestError());
  });
}
