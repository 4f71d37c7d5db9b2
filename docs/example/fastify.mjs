/*
 * A Fastify service that brings its database along. Its own logger has a line for every event.
 *
 *   DATABASE_URL=postgresql://me@host/db PORT=8080 HOST=0.0.0.0 node docs/example/fastify.mjs
 */
import Fastify from 'fastify';
import pg from 'pg';
import { boot, isRevgraphError, readiness } from 'revgraph';

const { DATABASE_URL, PORT = '0', HOST = '127.0.0.1', REVISIONS = 'revisions' } = process.env;
const app = Fastify({ logger: true });
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
pool.on('error', (error) => app.log.error(error));

const stop = new AbortController();
const settings = { database: pool, revisions: REVISIONS, application: 'example' };
const ready = readiness({ ...settings, ttlMs: 1_000 });

// A probe asks every few seconds: its requests are no lines of the log.
app.get('/health', { logLevel: 'silent' }, async (_, reply) => {
  const answer = await ready.check();
  return reply.code(answer.ready ? 200 : 503).send(answer);
});

let booting;
// A step that runs is completed before the pool is closed.
app.addHook('onClose', async () => {
  stop.abort();
  await booting;
  await pool.end();
});
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => app.close());

await app.listen({ port: Number(PORT), host: HOST });
app.log.info({ port: app.server.address().port }, 'listening');

// The health route is there meanwhile: a balancer sees 503.
booting = boot({ ...settings, signal: stop.signal, logger: app.log }).then(
  ({ state, steps }) => app.log.info({ state, ran: steps.length }, 'the database is ready'),
  (error) => {
    if (stop.signal.aborted) return;
    app.log.error(error);
    process.exitCode = isRevgraphError(error) ? error.exitValue : 1;
    app.close();
  },
);
