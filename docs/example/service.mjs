/*
 * A service that brings its database along when it starts. Ten of them may start at once: one migrates, nine wait, all serve.
 *
 *   DATABASE_URL=postgresql://me@host/db PORT=8080 node docs/example/service.mjs
 */
import { createServer } from 'node:http';
import pg from 'pg';
import { boot, isRevgraphError, readiness } from 'revgraph';

const { DATABASE_URL, PORT = '0', REVISIONS = 'revisions' } = process.env;
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

async function start() {
  try {
    const { state, found, current, steps } = await boot({
      ...settings,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'lock-waiting') console.error(`waiting for ${event.holder}`);
        if (event.type === 'step-finished') console.error(`${event.revision} in ${event.ms} ms`);
      },
    });
    console.log(JSON.stringify({ state, found, current, ran: steps.length }));
  } catch (error) {
    if (!isRevgraphError(error)) throw error;
    console.error(`${error.message}\n${error.hint ?? ''}`);
    process.exitCode = error.exitValue;
    server.close(() => pool.end());
  }
}

let started;
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port }));
  started = start();
});

// A step that runs is completed, and none behind it begins: the pool is needed until then.
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, async () => {
    stop.abort();
    server.close();
    await started;
    if (!pool.ending) await pool.end();
  });
