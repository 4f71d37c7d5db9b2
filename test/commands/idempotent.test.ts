import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type IdempotenceResult, type RevgraphError, upgrade, verifyIdempotent } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* The second run of an upgrade, tried and taken back: rows whose content it changes, and facts. */

async function fresh(): Promise<TestDatabase> {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  return database;
}

const TABLES = `
  CREATE TABLE people (id int PRIMARY KEY, name text, doc json, seen int DEFAULT 0);
  INSERT INTO people SELECT n, 'p' || n, '{}' FROM generate_series(1, 10) n;
  CREATE TABLE log (name text);
  CREATE TABLE "odd.one" ("row" int); INSERT INTO "odd.one" VALUES (1), (1);
  CREATE TABLE parts (id int) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (NEW.name); RETURN NEW; END $$;
  CREATE TRIGGER note AFTER UPDATE ON people FOR EACH ROW WHEN (NEW.seen > 5) EXECUTE FUNCTION note();`;

const project = (upgradeSql: string, header = '-- @idempotent') =>
  folderWith({
    'a.sql': sql('a', { upgrade: TABLES, downgrade: 'DROP TABLE people;' }),
    'b.sql': sql('b', { revises: 'a', header, upgrade: upgradeSql, downgrade: 'SELECT 1;' }),
  });

const nothing = { changed: [], facts: { added: [], removed: [] }, error: null };
const people = (counts: object) => [
  { table: 'public.people', inserted: 0, updated: 0, deleted: 0, ...counts },
];

const CASES: readonly [string, string, Partial<IdempotenceResult>][] = [
  ['nothing to update', "UPDATE people SET name = 'x' WHERE name = 'p1';", nothing],
  ['an update that writes what is there', "UPDATE people SET name = 'x' WHERE id = 1;", nothing],
  [
    'rows deleted and written again alike',
    `DELETE FROM "odd.one"; INSERT INTO "odd.one" VALUES (1), (1);`,
    nothing,
  ],
  [
    'a table emptied and filled again alike',
    `TRUNCATE "odd.one"; INSERT INTO "odd.one" VALUES (1), (1);`,
    nothing,
  ],
  ['a conflict that is passed over', 'INSERT INTO people (id) VALUES (11) ON CONFLICT DO NOTHING;', nothing],
  [
    'objects made where they are missing',
    'CREATE TABLE IF NOT EXISTS t (id int); ALTER TABLE people ADD COLUMN IF NOT EXISTS x int;',
    nothing,
  ],
  ['a view made anew alike', 'CREATE OR REPLACE VIEW v AS SELECT id FROM people;', nothing],
  [
    'an update that counts',
    'UPDATE people SET seen = seen + 1 WHERE id < 4;',
    { changed: people({ updated: 3 }) },
  ],
  [
    'rows inserted again',
    'INSERT INTO log SELECT name FROM people;',
    { changed: [{ table: 'public.log', inserted: 10, updated: 0, deleted: 0 }] },
  ],
  [
    'rows of a partition',
    'INSERT INTO parts VALUES (1), (2);',
    { changed: [{ table: 'public.parts_1', inserted: 2, updated: 0, deleted: 0 }] },
  ],
  [
    'rows deleted one by one',
    'DELETE FROM people WHERE id = (SELECT min(id) FROM people);',
    { changed: people({ deleted: 1 }) },
  ],
  [
    'what a trigger writes',
    'UPDATE people SET seen = seen + 6 WHERE id = 1;',
    { changed: [{ table: 'public.log', inserted: 1, updated: 0, deleted: 0 }, ...people({ updated: 1 })] },
  ],
  [
    'a table emptied',
    'INSERT INTO log VALUES (1); TRUNCATE "odd.one"; INSERT INTO "odd.one" VALUES ((SELECT count(*) FROM log));',
    {
      changed: [
        { table: 'public.log', inserted: 1, updated: 0, deleted: 0 },
        { table: 'public.odd.one', inserted: 0, updated: 1, deleted: 0 },
      ],
    },
  ],
  [
    'all rows written anew',
    "ALTER TABLE people ALTER COLUMN name TYPE text USING name || 'x';",
    { changed: people({ updated: 10 }) },
  ],
  [
    'an index made again',
    'CREATE INDEX ON people (name);',
    { facts: { added: [expect.stringContaining('index public.people_name_idx1')], removed: [] } },
  ],
  [
    'a default made another',
    "DO $$ BEGIN EXECUTE 'ALTER TABLE log ALTER name SET DEFAULT ' || quote_literal(clock_timestamp()::text); END $$;",
    {
      facts: {
        added: [expect.stringContaining('column public.log.name')],
        removed: [expect.stringContaining('column public.log.name')],
      },
    },
  ],
  [
    'what fails',
    'ALTER TABLE people\n ADD COLUMN y int;',
    {
      error: expect.objectContaining({
        sqlstate: '42701',
        line: 8,
        message: expect.stringContaining('already exists'),
      }),
    },
  ],
];

const dump = async (database: TestDatabase) => [
  await database.query('SELECT *, xmin::text FROM people ORDER BY id'),
  await database.query('SELECT *, xmin::text FROM log'),
  await database.query('SELECT *, xmin::text FROM "odd.one"'),
  await database.query('SELECT relname, relfilenode FROM pg_class ORDER BY 1, 2'),
  await database.query('SELECT entry FROM revgraph_ledger'),
];

test.each(CASES)('%s', async (_, statement, expected) => {
  const database = await fresh();
  const options = { revisions: project(statement), database: database.url };
  await upgrade(options);
  const before = await dump(database);
  const found = await verifyIdempotent({ ...options, revision: 'b' });
  const idempotent = expected === nothing;
  expect(found).toEqual({ revision: 'b', idempotent, declared: true, ...nothing, ...expected });
  expect(await dump(database)).toEqual(before);
});

test('code is tried too, with preview; what it swallows counts', async () => {
  const database = await fresh();
  const body = (code: string) => ({
    'a.sql': sql('a', { upgrade: TABLES, downgrade: 'SELECT 1;' }),
    'b.mjs': `/**\n * Words\n * @revision b\n * @revises a\n */\nexport async function upgrade({ db, log, preview }) { ${code} }\nexport const downgrade = () => {};\n`,
  });
  const logs: string[] = [];
  const options = {
    revisions: folderWith(body("log('preview ' + preview); await db.insertMany('log', [{ name: 'x' }]);")),
    database: database.url,
    onEvent: (event: { type: string; message?: string }) =>
      event.type === 'log' && logs.push(event.message ?? ''),
  };
  await upgrade(options);
  expect(await verifyIdempotent({ ...options, revision: 'b' })).toMatchObject({
    idempotent: false,
    declared: false,
    changed: [{ table: 'public.log', inserted: 1 }],
  });
  expect(logs).toEqual(['preview false', 'preview true']);
  const swallows = folderWith(body("if (preview) try { await db.query('SELECT 1 / 0'); } catch {}"));
  expect(await verifyIdempotent({ ...options, revisions: swallows, revision: 'b' })).toMatchObject({
    idempotent: false,
    error: { message: expect.stringContaining('division by zero') },
  });
});

test('others go on writing meanwhile: what they do is not taken for the second run', async () => {
  const database = await fresh();
  const revisions = project('SELECT pg_sleep(0.3); UPDATE people SET seen = 0 WHERE id = 1;');
  await upgrade({ revisions, database: database.url });
  const writer = new pg.Client({ connectionString: database.url });
  await writer.connect();
  let writing = true;
  const writes = (async () => {
    while (writing)
      await writer.query('UPDATE people SET seen = (seen + 1) % 5 WHERE id > 5; INSERT INTO log VALUES (1)');
  })();
  const found = await verifyIdempotent({ revisions, database: database.url, revision: 'b' });
  writing = false;
  await writes;
  await writer.end();
  expect(found).toMatchObject({ idempotent: true, changed: [] });
});

test('where the server does not count, all tables are compared', async () => {
  const database = await fresh();
  const options = { revisions: project('UPDATE people SET seen = seen + 1;'), database: database.url };
  await upgrade(options);
  await database.query(`ALTER DATABASE ${database.name} SET track_counts = off`);
  expect((await verifyIdempotent({ ...options, revision: 'b' })).changed).toEqual(people({ updated: 10 }));
});

test('on PGlite', async () => {
  const pglite = await freshPGlite();
  onTestFinished(() => pglite.close());
  const options = {
    revisions: project(
      "UPDATE people SET seen = seen + 1 WHERE id = 1; UPDATE people SET name = 'x' WHERE id = 2;",
    ),
    database: pglite,
  };
  await upgrade(options);
  expect((await verifyIdempotent({ ...options, revision: 'b' })).changed).toEqual(people({ updated: 1 }));
  expect((await pglite.query('SELECT seen FROM people WHERE id = 1')).rows).toEqual([{ seen: 1 }]);
});

const refusal = (action: Promise<unknown>): Promise<RevgraphError> =>
  action.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: RevgraphError) => error,
  );

test('what can not be tried is refused; what does nothing is proven', async () => {
  const database = await fresh();
  const revisions = folderWith({
    'a.sql': sql('a', { upgrade: TABLES, downgrade: 'SELECT 1;' }),
    'b.sql': sql('b', {
      revises: 'a',
      upgrade: 'CREATE INDEX CONCURRENTLY i ON people (name);',
      downgrade: 'DROP INDEX i;',
    }),
    'c.sql': sql('c', { revises: 'a', upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
    'd.sql': sql('d', { revises: 'b, c' }),
    'e.sql': sql('e', { revises: 'd', upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
  });
  const options = { revisions, database: database.url };
  await upgrade({ ...options, target: 'd' });
  const again = (revision: string) => verifyIdempotent({ ...options, revision });
  expect(await again('d')).toMatchObject({ idempotent: true, declared: false });
  expect(await refusal(again('b'))).toMatchObject({ code: 'trial_refused', exitValue: 4 });
  expect(await refusal(again('e'))).toMatchObject({
    code: 'not_applied',
    message: expect.stringContaining('not applied'),
  });
  expect(await refusal(again('nobody'))).toMatchObject({ code: 'unknown_revision' });
});

test('as a command: exit value 1 with tables and counts, 0 when it is proven', async () => {
  const database = await fresh();
  const revisions = project('INSERT INTO log VALUES (1);');
  await upgrade({ revisions, database: database.url });
  const verify = (...args: string[]) =>
    run(revisions, ['verify', '--revisions', revisions, '--url', database.url, ...args]);
  const bad = await verify('--idempotent', 'b');
  expect([bad.exitValue, bad.stdout]).toEqual([
    1,
    '✗ a second run of b changes the database, although it is declared @idempotent:\n  public.log: 1 inserted, 0 updated, 0 deleted\n',
  ]);
  const document = await verify('--idempotent', 'b', '--json');
  expect(JSON.parse(document.stdout)).toMatchObject({
    revision: 'b',
    idempotent: false,
    changed: [{ table: 'public.log', inserted: 1 }],
  });
});
