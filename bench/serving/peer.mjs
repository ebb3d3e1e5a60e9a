/**
 * What we are compared with, as processes of their own: `constant`, Fastify that serialises one answer by its
 * schema, and `cached`, Fastify that reads a ready list of the user from Redis, as services do that keep
 * lists. Both answer our address.
 *   node peer.mjs constant|cached   with PEER_ANSWER (JSON) and REDIS_URL; sends its port
 */
import Fastify from 'fastify';
import { Redis } from 'ioredis';

const answer = JSON.parse(process.env.PEER_ANSWER);
const ROUTE = '/v1/catalogs/:catalog/users/:id/recommendations';

const app = Fastify({ forceCloseConnections: true });
const stops = [() => app.close()];
if (process.argv[2] === 'constant') addConstant();
else addCached();
await app.listen({ port: 0, host: '127.0.0.1' });
process.on('disconnect', async () => {
  for (const stop of stops) await stop();
});
process.send({ port: app.server.address().port });

function addConstant() {
  const schema = { response: { 200: schemaOf(answer) } };
  app.get(ROUTE, { schema }, async () => answer);
}

/** The list is sent as it is stored: nothing is parsed, and nothing is serialised. */
function addCached() {
  const redis = new Redis(process.env.REDIS_URL);
  stops.push(() => redis.disconnect());
  app.get(ROUTE, async (request, reply) => {
    const list = await redis.get(`bench:list:${request.params.id}`);
    return reply.type('application/json; charset=utf-8').send(list);
  });
}

function schemaOf(value) {
  if (Array.isArray(value)) return { type: 'array', items: schemaOf(value[0]) };
  if (value === null || typeof value !== 'object') return { type: value === null ? 'null' : typeof value };
  const properties = Object.entries(value).map(([name, member]) => [name, schemaOf(member)]);
  return { type: 'object', properties: Object.fromEntries(properties) };
}
