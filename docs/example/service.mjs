/*
 * A service that brings its database along when it starts. Ten of them may start at once: one migrates, nine wait, all serve.
 *
 *   DATABASE_URL=postgresql://me@host/db PORT=8080 node docs/example/service.mjs
 */
import { createServer } from 'node:http';
import pg from 'pg';
import { boot, isRevgraphError, readiness } from 'revgraph';

const { DATABASE_URL, PORT = '0', HOST = '127.0.0.1', REVISIONS = 'revisions' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
pool.on('error', (error) => console.error(error.message));

const stop = new AbortController();
const settings = { database: pool, revisions: REVISIONS, application: 'example' };
const ready = readiness({ ...settings, ttlMs: 1_000 });

// The health route is there from the first moment: a balancer sees 503 as long as the database is not where it has to be.
const server = createServer((request, response) => {
  if (request.url === '/health') return ready(request, response);
  response.writeHead(404).end();
});

const onEvent = (event) => {
  if (event.type === 'lock-waiting') console.error(`waiting for ${event.holder}`);
  if (event.type === 'step-finished') console.error(`${event.revision} in ${event.ms} ms`);
};

async function start() {
  try {
    const { state, found, current, steps } = await boot({ ...settings, signal: stop.signal, onEvent });
    console.log(JSON.stringify({ state, found, current, ran: steps.length }));
  } catch (error) {
    if (stop.signal.aborted) return;
    if (!isRevgraphError(error)) throw error;
    console.error(`${error.message}\n${error.hint ?? ''}`);
    process.exitCode = error.exitValue;
    close();
  }
}

let starting;
server.listen(Number(PORT), HOST, () => {
  console.log(JSON.stringify({ port: server.address().port }));
  starting = start();
});

// A step that runs is completed before the pool is closed.
function close() {
  if (stop.signal.aborted) return;
  stop.abort();
  server.close(() => starting?.then(() => pool.end()));
}
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, close);
