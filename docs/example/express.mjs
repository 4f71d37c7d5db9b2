/*
 * An Express service that brings its database along.
 *
 *   DATABASE_URL=postgresql://me@host/db PORT=8080 HOST=0.0.0.0 node docs/example/express.mjs
 */
import express from 'express';
import pg from 'pg';
import { boot, isRevgraphError, readiness } from 'revgraph';

const { DATABASE_URL, PORT = '0', HOST = '127.0.0.1', REVISIONS = 'revisions' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
pool.on('error', (error) => console.error(error.message));

const stop = new AbortController();
const settings = { database: pool, revisions: REVISIONS, application: 'example' };
const app = express();

// What answers a request of node:http answers one of Express.
app.get('/health', readiness({ ...settings, ttlMs: 1_000 }));

const server = app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(JSON.stringify({ port: server.address().port }));
});

// The health route is there meanwhile: a balancer sees 503.
const booting = boot({ ...settings, signal: stop.signal, logger: console }).then(
  ({ state, steps }) => console.log(JSON.stringify({ state, ran: steps.length })),
  (error) => {
    if (stop.signal.aborted) return;
    console.error(error);
    process.exitCode = isRevgraphError(error) ? error.exitValue : 1;
    close();
  },
);

// A step that runs is completed before the pool is closed.
function close() {
  if (stop.signal.aborted) return;
  stop.abort();
  server.close(() => booting.then(() => pool.end()));
}
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, close);
