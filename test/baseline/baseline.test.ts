import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type BaselineOptions, baseline, doctor, identify, status, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { startServer } from '../support/server.js';

/* What pg_dump writes of a database that nobody counted the revisions of. */

const SCHEMA = `
  CREATE SCHEMA shop;
  CREATE TABLE shop.item (id serial PRIMARY KEY, name text NOT NULL, price numeric(8,2) DEFAULT 0 CHECK (price >= 0));
  CREATE INDEX ON shop.item (lower(name));
  CREATE FUNCTION fee(i int) RETURNS numeric LANGUAGE sql AS $$SELECT price FROM shop.item -- @downgrade
    WHERE id = i$$;
  CREATE VIEW cheap AS SELECT * FROM shop.item WHERE price < 10;
  CREATE TYPE "Mood" AS ENUM ('a', 'b');
  CREATE TABLE "M" (mood "Mood", at timestamptz DEFAULT now());
  COMMENT ON TABLE "M" IS 'it''s -- @upgrade';
  ALTER TABLE "M" ENABLE ROW LEVEL SECURITY;
  CREATE POLICY p ON "M" USING (true);
  CREATE TABLE part (a int) PARTITION BY RANGE (a);
  CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
  CREATE MATERIALIZED VIEW "Sum" AS SELECT count(*) AS n FROM shop.item;
  GRANT SELECT ON cheap TO public;`;

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

/** As pg_dump 15 writes it of that schema, with the commands of later ones: owners, rights, settings and all. */
const DUMP = fileURLToPath(new URL('shop.dump.sql', import.meta.url));

async function prepared(): Promise<BaselineOptions> {
  await database.query(SCHEMA);
  const revisions = folderWith({});
  const on = inject('serverUrl');
  return { database: database.url, revisions, message: 'what was there', id: 'v1', dump: DUMP, on };
}

test('is the first revision of a folder, with a catalogue and a stamp', async () => {
  const options = await prepared();
  const made = await baseline(options);
  expect(made).toMatchObject({ revision: 'v1', stamped: true, dryRun: false });
  expect(readdirSync(options.revisions).sort()).toEqual(['catalogue.json', 'v1_what_was_there.sql']);
  const at = { revisions: options.revisions, database: database.url };
  expect(await status(at)).toMatchObject({ state: 'current', current: ['v1'] });
  expect(await doctor(at)).toMatchObject({ ok: true });
  expect(await upgrade(at)).toMatchObject({ steps: [] });
  const fresh = await freshDatabase();
  await upgrade({ ...at, database: fresh.url });
  // What nobody has filled can't be read.
  expect(await fresh.query('SELECT n::int FROM "Sum"')).toEqual([{ n: 0 }]);
  await fresh.query('DROP TABLE revgraph_version, revgraph_ledger');
  expect(await identify({ ...at, database: fresh.url })).toMatchObject({ match: 'exact', stamp: ['v1'] });
  await fresh.drop();
});

test('of an embedded database, whose dump is made elsewhere', async () => {
  const pglite = await freshPGlite();
  await pglite.exec(SCHEMA);
  const revisions = folderWith({});
  const made = await baseline({ database: pglite, revisions, message: 'm', dump: DUMP });
  expect(made.stamped).toBe(true);
  expect(await status({ database: pglite, revisions })).toMatchObject({ state: 'current' });
  await pglite.close();
});

/** Debian's server and its pg_dump; the binaries from npm have none. */
const DEBIAN = ['18', '17', '16', '15']
  .map((version) => `/usr/lib/postgresql/${version}`)
  .find((one) => existsSync(`${one}/bin/postgres`));

test.skipIf(DEBIAN === undefined)('of a server, with the pg_dump beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-baseline-'));
  chmodSync(folder, 0o755);
  symlinkSync(DEBIAN as string, join(folder, 'native'));
  const server = await startServer(folder, folder);
  try {
    const own = await freshDatabase('template0', server.url);
    await own.query(SCHEMA);
    const at = { database: own.url, revisions: folderWith({}) };
    expect(await baseline({ ...at, message: 'm', pgDump: `${DEBIAN}/bin/pg_dump` })).toMatchObject({
      stamped: true,
    });
    expect(await status(at)).toMatchObject({ state: 'current' });
    await own.drop();
  } finally {
    await server.stop();
  }
});

test('leaves out what is of one server, and says so', async () => {
  const options = await prepared();
  const made = await baseline({ ...options, dryRun: true });
  expect(new Set(made.leftOut.map(({ why }) => why))).toEqual(
    new Set(['owners are roles of one server', 'rights name roles of one server']),
  );
  expect(made.text).not.toMatch(/OWNER TO|GRANT|search_path|restrict/);
  expect(made.text).toContain('-- @downgrade\n    WHERE id = i');
  expect(readdirSync(options.revisions)).toEqual([]);
  expect(await database.query("SELECT to_regclass('revgraph_version') AS t")).toEqual([{ t: null }]);
});

test('is not written where it ends in another schema', async () => {
  const options = await prepared();
  await database.query('ALTER TABLE "M" ADD COLUMN later int');
  await expect(baseline(options)).rejects.toMatchObject({
    code: 'baseline_differs',
    message: expect.stringContaining('column "public"."M".later'.replaceAll('"public"', 'public')),
  });
  expect(readdirSync(options.revisions)).toEqual([]);
});

test('--no-stamp leaves the database alone', async () => {
  const options = await prepared();
  expect(await baseline({ ...options, stamp: false })).toMatchObject({ stamped: false });
  expect(await status({ database: database.url, revisions: options.revisions })).toMatchObject({
    state: 'legacy',
  });
});

const refused = (reason: string) => ({ code: 'baseline_refused', message: expect.stringContaining(reason) });

test.each<[string, Record<string, string>, string, string]>([
  [
    'a folder with revisions',
    { 'a.sql': sql('a', { upgrade: 'SELECT 1' }) },
    'CREATE TABLE t ()',
    'has revisions',
  ],
  ['an empty database', {}, '', 'no tables'],
  ['a database with a version table', {}, 'CREATE TABLE revgraph_version (revision text)', 'a version table'],
])('refuses %s', async (_, files, schema, reason) => {
  if (schema !== '') await database.query(schema);
  const dump = join(folderWith({ 'dump.sql': 'CREATE TABLE public.t ();' }), 'dump.sql');
  const options = { database: database.url, revisions: folderWith(files), message: 'm', dump };
  await expect(baseline(options)).rejects.toMatchObject(refused(reason));
});

test('refuses a dump with rows, one that is not there, one that runs nowhere, and none', async () => {
  await database.query('CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
  const folder = folderWith({
    'copy.sql': 'CREATE TABLE public.t (id int);\n\nCOPY public.t (id) FROM stdin;\n1\n\\.\n',
    'insert.sql': 'CREATE TABLE public.t (id int); INSERT INTO public.t VALUES (1);',
    'broken.sql': 'CREATE TABLE public.t (id int); CREATE VIEW v AS SELECT * FROM nowhere;',
  });
  const options = {
    database: database.url,
    revisions: folderWith({}),
    message: 'm',
    on: inject('serverUrl'),
  };
  const from = (name: string) => baseline({ ...options, dump: join(folder, name) });
  await expect(from('copy.sql')).rejects.toMatchObject(refused('writes rows'));
  await expect(from('insert.sql')).rejects.toMatchObject(refused('writes rows'));
  await expect(from('none.sql')).rejects.toMatchObject(refused('there is no file'));
  await expect(from('broken.sql')).rejects.toMatchObject(refused('does not run on an empty database'));
  await expect(baseline({ ...options, pgDump: 'no-such-program' })).rejects.toMatchObject(
    refused('is not installed'),
  );
  await expect(baseline({ ...options, pgDump: 'false' })).rejects.toMatchObject(refused('false failed'));
  expect(readdirSync(options.revisions)).toEqual([]);
});

/** A program that says what it was called with, as a dump. */
function recorder(): { program: string; said: () => string } {
  const folder = folderWith({});
  const program = join(folder, 'dump.sh');
  const said = join(folder, 'said');
  writeFileSync(
    program,
    `#!/bin/sh\necho "$@" "password=$PGPASSWORD" > ${said}\necho 'CREATE TABLE public.t (id int);'\n`,
  );
  execFileSync('chmod', ['+x', program]);
  return { program, said: () => readFileSync(said, 'utf8') };
}

test('the command line: no password in the arguments of the program, text and JSON', async () => {
  await database.query('CREATE TABLE t (id int)');
  const folder = folderWith({ 'revisions/.keep': '' });
  const { program, said } = recorder();
  const args = ['baseline', '-m', 'first', '--rev-id', 'v1', '--pg-dump', program, '--url', database.url];
  const dry = await run(folder, [...args, '--dry-run']);
  expect(dry.stdout).toContain('dry run: v1 has 1 statement');
  expect(dry.stdout).toContain('CREATE TABLE public.t (id int);');
  const [before = '', after] = said().split('password=');
  expect(before).toContain('--schema-only');
  expect(before).not.toContain(new URL(database.url).password);
  expect(after?.trim()).toBe(new URL(database.url).password);
  const made = await run(folder, [...args, '--json', '--on', inject('serverUrl')]);
  expect(made.exitValue).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({
    revision: 'v1',
    statements: 1,
    stamped: true,
    leftOut: [],
  });
});
