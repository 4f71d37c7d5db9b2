import { afterEach, beforeEach, expect, test } from 'vitest';
import { boot, doctor, repair, stamp, upgrade } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith } from '../support/project.js';
import { chainFiles } from './chain.js';

/* b never ran. c, on top of it, makes what b would have made, and would have made it all the same: that is nothing of b's. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const A = 'CREATE TABLE item (id int PRIMARY KEY, s text);';
/** What shows that b never ran. */
const TAX = 'ALTER TABLE item ADD COLUMN tax int;';
const CODE = `/**
 * c
 * @revision c
 * @revises b
 */
export async function upgrade({ db }) {
  await db.query('CREATE TABLE IF NOT EXISTS x (id int); CREATE TABLE u (id int)');
}
export async function downgrade() {}
`;

async function skipped(b: string, c: string) {
  const files = chainFiles({
    a: A,
    b: TAX + b,
    c: c === CODE ? '' : `${c} CREATE TABLE u (id int);`,
    d: 'CREATE TABLE w (id int);',
  });
  if (c === CODE) delete files['c.sql'];
  const revisions = folderWith(c === CODE ? { ...files, 'c.mjs': CODE } : files);
  const at = { revisions, database: database.url };
  await catalogueOf(revisions);
  await upgrade({ ...at, target: 'a' });
  await stamp({ ...at, target: ['b'], confirmed: true });
  await upgrade({ ...at, target: 'c' });
  return at;
}

const F = (n: number) => `CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT ${n}';`;

test.each([
  ['a function that is replaced', F(1), F(2)],
  ['the same function', F(1), F(1)],
  ['a function that is dropped and made', F(1), `DROP FUNCTION IF EXISTS f(); ${F(2)}`],
  ['a view', 'CREATE VIEW v AS SELECT id FROM item;', 'CREATE OR REPLACE VIEW v AS SELECT id FROM item;'],
  ['a table', 'CREATE TABLE x (id int PRIMARY KEY);', 'CREATE TABLE IF NOT EXISTS x (id int PRIMARY KEY);'],
  [
    'a table that is dropped and made',
    'CREATE TABLE x (id int);',
    'DROP TABLE IF EXISTS x; CREATE TABLE x (id int);',
  ],
  ['a column', 'ALTER TABLE item ADD n int;', 'ALTER TABLE item ADD COLUMN IF NOT EXISTS n int;'],
  ['an index', 'CREATE INDEX i ON item (s);', 'CREATE INDEX IF NOT EXISTS i ON item (s);'],
  [
    'a constraint',
    'ALTER TABLE item ADD CONSTRAINT k CHECK (id > 0);',
    'ALTER TABLE item DROP CONSTRAINT IF EXISTS k; ALTER TABLE item ADD CONSTRAINT k CHECK (id > 0);',
  ],
  [
    'a type in a DO block',
    "CREATE TYPE e AS ENUM ('a');",
    "DO $$ BEGIN CREATE TYPE e AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
  ],
  ['a sequence', 'CREATE SEQUENCE q;', 'CREATE SEQUENCE IF NOT EXISTS q;'],
  ['a schema', 'CREATE SCHEMA more;', 'CREATE SCHEMA IF NOT EXISTS more;'],
  [
    'a trigger',
    `${F(1)} CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER z AFTER INSERT ON item EXECUTE FUNCTION g();`,
    "CREATE OR REPLACE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; DROP TRIGGER IF EXISTS z ON item; CREATE TRIGGER z AFTER INSERT ON item EXECUTE FUNCTION g();",
  ],
  ['a table in code', 'CREATE TABLE x (id int);', CODE],
])('%s', async (_, b, c) => {
  const at = await skipped(b, c);
  const found = await doctor(at);
  expect({ missing: found.missing, findings: found.findings.map(({ code }) => code) }).toEqual({
    missing: ['b'],
    findings: ['missing'],
  });
  await expect(boot(at)).rejects.toMatchObject({ code: 'contradicted' });
});

test('where more of a table is there than a later revision makes, that is evidence', async () => {
  const at = await skipped('CREATE TABLE x (id int, n int);', 'CREATE TABLE IF NOT EXISTS x (id int);');
  expect((await doctor(at)).missing).toEqual(['b']);
  await database.query('ALTER TABLE x ADD n int');
  expect((await doctor(at)).findings).toMatchObject([{ code: 'drift', revision: 'b' }]);
});

test('what ran is not doubted for it', async () => {
  const revisions = folderWith(chainFiles({ a: A, b: F(1), c: F(2), d: `DROP FUNCTION f(); ${F(3)}` }));
  const at = { revisions, database: database.url };
  await catalogueOf(revisions);
  await upgrade({ ...at, target: 'head' });
  await database.query('DROP TABLE revgraph_ledger');
  expect(await doctor(at)).toMatchObject({ ok: true, missing: [] });
});

test('repair says that all matches only where doctor has nothing to say', async () => {
  const revisions = folderWith(chainFiles({ a: A, b: TAX }));
  const at = { revisions, database: database.url };
  await catalogueOf(revisions);
  await upgrade({ ...at, target: 'head' });
  const said = async () =>
    (await run(revisions, ['repair', '--revisions', revisions, '--url', database.url])).stdout;
  expect(await said()).toContain('Nothing to repair: the schema matches the version table.');
  await stamp({ ...at, target: ['a'], confirmed: true });
  expect((await repair(at)).findings).toMatchObject([{ code: 'unclaimed', revision: 'b' }]);
  expect(await said()).toContain('Nothing is run, but the schema differs from the version table: b.');
});

test.each([
  ['a type', 'ALTER TABLE item ALTER s TYPE varchar(9);', 'ALTER TABLE item ALTER s TYPE char(3);'],
  ['a default', "ALTER TABLE item ALTER s SET DEFAULT 'b';", "ALTER TABLE item ALTER s SET DEFAULT 'c';"],
  ['a column that goes', 'ALTER TABLE item ALTER s TYPE varchar(9);', 'ALTER TABLE item DROP COLUMN s;'],
])('%s that a later revision sets whatever it was shows no earlier one', async (_, b, c) => {
  const at = await skipped(b, c);
  expect(await doctor(at)).toMatchObject({ missing: ['b'], findings: [{ code: 'missing' }] });
});
