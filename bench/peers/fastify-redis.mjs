// The limit: Fastify answering the bytes that one ioredis GET brings, and nothing else.
import Fastify from 'fastify';
import { Redis } from 'ioredis';

const redis = new Redis(process.env.REDIS_CACHE_URL ?? '');
await redis.set('bench:fastify:place:1', process.env.BENCH_BODY ?? '');

const server = Fastify();
server.get('/api/v1/places/:id', async (request, reply) => {
  const { id } = /** @type {{ id: string }} */ (request.params);
  const bytes = await redis.getBuffer(`bench:fastify:place:${id}`);
  return reply.type('application/json; charset=utf-8').send(bytes);
});
await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
