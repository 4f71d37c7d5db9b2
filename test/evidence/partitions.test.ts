import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  buildCatalogue,
  doctor,
  facts,
  identify,
  repair,
  show,
  stamp,
  upgrade,
  verify,
} from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';
import { chainFiles } from './chain.js';

/* What comes and goes with the day is no evidence; what depends on the server is one fact. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const FILES = chainFiles({
  a: `CREATE TABLE ev (id bigint GENERATED ALWAYS AS IDENTITY, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE ev_1 PARTITION OF ev FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE ev_rest PARTITION OF ev DEFAULT;
    CREATE INDEX ev_day ON ev (day);`,
  b: 'ALTER TABLE ev ADD COLUMN note text; CREATE TABLE other (id int);',
  c: 'CREATE TABLE third (id int);',
});

test('names that are made from the date are told at build, and are no evidence; those that stand in the text are', async () => {
  const today = new Date().toISOString();
  const literal = `plain_${today.slice(0, 7).replace('-', '_')}`;
  const revisions = folderWith(
    chainFiles({
      a: `CREATE TABLE ${literal} (id int);
        DO $$ BEGIN EXECUTE 'CREATE TABLE log_' || to_char(now(), 'YYYY_MM') || ' (id int)'; END $$;`,
    }),
  );
  const warnings: string[] = [];
  await buildCatalogue({
    revisions,
    onEvent: (event) => {
      if (event.type === 'warning') warnings.push(event.message);
    },
  });
  const made = today.slice(0, 7).replace('-', '_');
  expect(warnings).toEqual([
    expect.stringMatching(`made from the date.*: column public.log_${made}.id, table public.log_${made}$`),
  ]);
  const [shown] = await show({ revisions, target: 'a' });
  expect(shown?.adds).toEqual([`column public.${literal}.id: integer`, `table public.${literal}`]);
  await database.query(`CREATE TABLE ${literal} (id int); CREATE TABLE log_1999_01 (id int)`);
  expect(await identify({ revisions, database: database.url })).toMatchObject({
    match: 'exact',
    stamp: ['a'],
  });
});

async function built(files = FILES) {
  const revisions = folderWith(files);
  await catalogueOf(revisions);
  return { revisions, database: database.url };
}

test('partitions that a job made, detached or dropped disturb nobody', async () => {
  const at = await built();
  await upgrade({ ...at, target: 'b' });
  await database.query(`
    CREATE TABLE ev_2025_06 PARTITION OF ev FOR VALUES FROM ('2025-06-01') TO ('2025-07-01');
    CREATE TABLE "Ev.2" PARTITION OF ev FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY RANGE (id);
    CREATE TABLE "Ev.2.a" PARTITION OF "Ev.2" FOR VALUES FROM (1) TO (9);
    CREATE INDEX by_hand ON ev_2025_06 (day); COMMENT ON TABLE ev_2025_06 IS 'June';
    DROP TABLE ev_1; ALTER TABLE ev DETACH PARTITION ev_rest`);
  expect(await doctor(at)).toMatchObject({ ok: true, missing: [], findings: [] });
  await database.query('DROP TABLE revgraph_version, revgraph_ledger');
  const found = await identify(at);
  expect(found).toMatchObject({ match: 'exact', stamp: ['b'] });
  expect(found.foreign.filter((fact) => /2025_06|Ev\.2/.test(fact))).toEqual([]);
});

test('partitions of a table that no revision knows are foreign', async () => {
  const at = await built();
  await upgrade({ ...at, target: 'head' });
  await database.query(
    'CREATE TABLE own (d date) PARTITION BY RANGE (d); CREATE TABLE own_1 PARTITION OF own DEFAULT',
  );
  const { foreign } = await doctor(at);
  expect(foreign).toEqual(expect.arrayContaining(['table public.own', 'table public.own_1']));
});

test('repair runs a revision that makes some, and show still prints them', async () => {
  const at = await built();
  await database.query('CREATE SCHEMA keep');
  await stamp({ ...at, target: ['a'], confirmed: true });
  expect((await repair(at)).steps.map(({ revision }) => revision)).toEqual(['a']);
  expect((await doctor(at)).ok).toBe(true);
  const [shown] = await show({ revisions: at.revisions, target: 'a' });
  expect(shown?.adds).toContain('table public.ev_1');
});

test('an identity column gives the same facts for its partitions everywhere', async () => {
  const at = await built();
  await upgrade({ ...at, target: 'head' });
  const embedded = `pglite:${join(temporaryFolder(), 'db')}`;
  await upgrade({ revisions: at.revisions, database: embedded, target: 'head' });
  expect(await facts({ database: embedded })).toEqual(await facts({ database: database.url }));
  expect(await facts({ database: embedded })).toContain('column public.ev_1.id: bigint not null');
});

test('an embedded database that is opened again knows the extensions that it holds', async () => {
  const revisions = folderWith({
    'a.sql': sql('a', {
      upgrade: "CREATE EXTENSION IF NOT EXISTS ltree; CREATE TABLE t (p ltree NOT NULL DEFAULT '0');",
      downgrade: 'SELECT 1;',
      more: '-- @verify "default" expect 0\nSELECT \'0\'::ltree::text;',
    }),
  });
  await catalogueOf(revisions);
  const at = { revisions, database: `pglite:${join(temporaryFolder(), 'db')}` };
  await upgrade({ ...at, target: 'head' });
  expect((await facts({ database: at.database })).join()).toContain("default '0'::public.ltree");
  expect(await doctor(at)).toMatchObject({ ok: true });
  expect((await identify(at)).match).toBe('exact');
  expect(await verify(at)).toMatchObject({ ok: true });
  expect(readdirSync(revisions)).toContain('catalogue.json');
});
