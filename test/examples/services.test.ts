import pg from 'pg';
import { expect, test } from 'vitest';
import { status } from '../../lib/index.js';
import { type Started, startProgram, until } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* The example services, started as they are: not ready while the database is migrated, ready then, and gone when they are told to go. */

const GATE = 7;

/** A revision that is done when the test opens the gate. */
const revisions = (): string =>
  folderWith({
    'a.sql': sql('a', { upgrade: `SELECT pg_advisory_xact_lock(${GATE}); CREATE TABLE a (id int);` }),
  });

interface Example extends Started {
  readonly database: TestDatabase;
  /** Lets the revision end. */
  open(): Promise<unknown>;
  /** What the health route answers. */
  health(): Promise<number>;
}

const portOf = (said: string): string | undefined => /"port":(\d+)/.exec(said)?.[1];

/** Runs an example on a database of its own. */
async function withExample(
  file: string,
  folder: string,
  action: (example: Example) => Promise<void>,
): Promise<void> {
  const database = await freshDatabase();
  const gate = new pg.Client({ connectionString: database.url });
  await gate.connect();
  await gate.query(`SELECT pg_advisory_lock(${GATE})`);
  const env = { DATABASE_URL: database.url, REVISIONS: folder, PORT: '0' };
  const started = startProgram(process.cwd(), process.execPath, [`docs/example/${file}`], env);
  try {
    await action({
      ...started,
      database,
      open: () => gate.query(`SELECT pg_advisory_unlock(${GATE})`),
      health: async () => (await fetch(`http://127.0.0.1:${portOf(started.said())}/health`)).status,
    });
  } finally {
    started.child.kill('SIGKILL');
    await started.finished;
    await gate.end();
    await database.drop();
  }
}

const SERVICES: Readonly<Record<string, RegExp>> = {
  'service.mjs': /^a in \d+ ms$/m,
  // The console shows what it is given.
  'express.mjs': /upgrade of a is done after/,
  // The log is lines of JSON.
  'fastify.mjs': /"type":"step-finished","revision":"a"/,
};

test('503 while the database is migrated, 200 then, and SIGTERM ends them', async () => {
  const folder = revisions();
  const serve = ([file, line]: [string, RegExp]): Promise<void> =>
    withExample(file, folder, async ({ child, said, finished, open, health }) => {
      await until(() => portOf(said()) !== undefined, `the port of ${file}`);
      expect([file, await health()]).toEqual([file, 503]);
      await open();
      await until(async () => (await health()) === 200, `${file}, ready`);
      child.kill('SIGTERM');
      expect([file, (await finished).exitValue]).toEqual([file, 0]);
      expect(said()).toMatch(/"ran":1/);
      expect(said()).toMatch(line);
    });
  await Promise.all(Object.entries(SERVICES).map(serve));
});

test('told to go while a step runs, they complete it and end', async () => {
  const folder = revisions();
  const waiting = `SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
    WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()`;
  const stop = (file: string): Promise<void> =>
    withExample(file, folder, async ({ child, finished, database, open }) => {
      await until(async () => (await database.query(waiting)).length > 0, `a step of ${file}`);
      child.kill('SIGTERM');
      await open();
      expect([file, (await finished).exitValue]).toEqual([file, 0]);
      const { current } = await status({ revisions: folder, database: database.url });
      expect(current).toEqual(['a']);
    });
  await Promise.all(Object.keys(SERVICES).map(stop));
});

test('opentelemetry.mjs prints its spans and counters', () =>
  withExample('opentelemetry.mjs', revisions(), async ({ open, finished }) => {
    await open();
    const { exitValue, stdout } = await finished;
    expect(exitValue).toBe(0);
    for (const name of ['revgraph.boot', 'revgraph.step', 'revgraph.steps'])
      expect(stdout).toContain(`'${name}'`);
  }));
