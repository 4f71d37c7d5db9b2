import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { boot, doctor, type Event, facts, identify, repair, stamp, upgrade } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith } from '../support/project.js';
import { chainFiles } from './chain.js';

/* Bodies of functions are facts by their hash; what no fact shows is taken on trust, and said. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const F = (body: string) => `CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS '${body}';`;
const FILES = chainFiles({
  a: `CREATE TABLE item (id int PRIMARY KEY, s text); ${F('SELECT 1')}`,
  b: F('SELECT 2'),
  c: F('SELECT 3'),
});
const folder = async (files = FILES) => {
  const revisions = folderWith(files);
  await catalogueOf(revisions);
  return { revisions, database: database.url };
};
const applied = async (at: { revisions: string; database: string }) => {
  const { match, stamp: rows } = await identify(at);
  return `${match} ${rows.join()}`;
};

test('the hash of a body: line ends aside, and none of what prints differently from version to version', async () => {
  await database.query(`
    CREATE FUNCTION a() RETURNS int LANGUAGE plpgsql AS 'BEGIN\n RETURN 1; END';
    CREATE FUNCTION b() RETURNS int LANGUAGE plpgsql AS 'BEGIN\r\n RETURN 1; END';
    CREATE PROCEDURE c() LANGUAGE sql AS 'SELECT ''ü''';
    CREATE FUNCTION d() RETURNS int BEGIN ATOMIC SELECT 1; END;
    CREATE AGGREGATE e(int) (sfunc = int4pl, stype = int);
    CREATE TYPE r AS RANGE (subtype = int); COMMENT ON FUNCTION a() IS 'A'`);
  const found = (await facts({ database: database.url })).filter((fact) => /body of/.test(fact));
  expect(found.map((fact) => fact.replace(/: [0-9a-f]{16}$/, ''))).toEqual([
    'body of function public.a()',
    'body of function public.b()',
    'body of procedure public.c()',
  ]);
  const hashes = found.map((fact) => fact.slice(-16));
  expect(hashes[0]).toBe(hashes[1]);
});

test('settles revisions that only write a body', async () => {
  const at = await folder();
  for (const id of ['a', 'b', 'c']) {
    await upgrade({ ...at, target: id });
    expect(await applied(at)).toBe(`exact ${id}`);
  }
});

test('one that no revision wrote says nothing, and is no mismatch; doctor tells of it', async () => {
  const at = await folder();
  await upgrade({ ...at, target: 'head' });
  await database.query(F('SELECT 99'));
  expect(await identify(at)).toMatchObject({ match: 'ambiguous', applied: ['a'], unsettled: ['b', 'c'] });
  await database.query('DROP TABLE revgraph_ledger');
  expect(await doctor(at)).toMatchObject({ missing: [], findings: [{ code: 'changed', revision: 'c' }] });
});

test('an older body that code would bring back is refused by its hash', async () => {
  const code = (id: string, revises: string, body: string, more: string) =>
    `/**\n * ${id}\n * @revision ${id}\n * @revises ${revises}\n */
export async function upgrade({ db }) {
  const make = ['CREATE', 'OR REPLACE', 'FUNC' + 'TION', "f() RETURNS int LANGUAGE sql AS '${body}'"];
  await db.query(make.join(' '));
  await db.query(${JSON.stringify(more)});
}
export async function downgrade() {}\n`;
  const at = await folder({
    'a.sql': FILES['a.sql'] as string,
    'b.mjs': code('b', 'a', 'SELECT 2', 'ALTER TABLE item ADD b int'),
    'c.mjs': code('c', 'b', 'SELECT 3', 'ALTER TABLE item ADD c int'),
  });
  await upgrade({ ...at, target: 'a' });
  await stamp({ ...at, target: ['b'], confirmed: true });
  await upgrade({ ...at, target: 'c' });
  await expect(repair(at)).rejects.toMatchObject({
    code: 'repair_refused',
    message: expect.stringContaining('body of function public.f()'),
  });
  expect(await database.query('SELECT f()')).toEqual([{ f: 3 }]);
});

test('a catalogue of an earlier version, which knows no bodies, is held against the rest', async () => {
  const at = await folder(chainFiles({ a: `CREATE TABLE item (id int); ${F('SELECT 1')}` }));
  await upgrade({ ...at, target: 'head' });
  const file = `${at.revisions}/catalogue.json`;
  const { createHash } = await import('node:crypto');
  const { revisions } = JSON.parse(readFileSync(file, 'utf8'));
  const entries = revisions.filter((one: unknown) => typeof one === 'object');
  const old = entries.map(({ revision, parents, checksum, adds, removes }: Record<string, string[]>) => ({
    ...{ revision, parents, checksum },
    ...{ adds: adds?.filter((fact) => !fact.startsWith('body of')), removes },
  }));
  const digest = createHash('sha256')
    .update(JSON.stringify(old.map(Object.values)))
    .digest('hex');
  writeFileSync(file, JSON.stringify({ format: 2, digest, revisions: old }));
  expect(await applied(at)).toBe('exact a');
  expect(await doctor(at)).toMatchObject({ ok: true, foreign: [] });
});

describe('what is taken on trust is said', () => {
  const files = chainFiles({
    a: 'CREATE TABLE item (id int); INSERT INTO item VALUES (1);',
    b: 'CREATE VIEW v AS SELECT id FROM item; GRANT SELECT ON v TO PUBLIC;',
    c: 'DO $$ BEGIN UPDATE item SET id = 2; END $$; CREATE TABLE u (id int);',
    d: 'CREATE TABLE w (id int);',
  });
  const TRUST = [
    { revision: 'c', what: ['the rows of item'] },
    { revision: 'b', what: ['the query of view v', 'the rights on v'] },
    { revision: 'a', what: ['the rows of item'] },
  ];
  const legacy = async () => {
    const at = await folder(files);
    await upgrade({ ...at, target: 'c' });
    await database.query('DROP TABLE revgraph_ledger, revgraph_version');
    return at;
  };
  const said = expect.stringContaining(
    'taken on trust, because no schema shows it: c (the rows of item), b (the query of view v, the rights on v), a (the rows of item)',
  );

  test('by identify and stamp', async () => {
    const at = await legacy();
    expect((await identify(at)).onTrust).toEqual(TRUST);
    expect((await stamp({ ...at, auto: true })).why).toEqual(said);
  });

  test('by boot, in the event of its stamp', async () => {
    const at = await legacy();
    const events: Event[] = [];
    await boot({ ...at, onEvent: (event) => events.push(event) });
    expect(events).toContainEqual({ type: 'stamped', level: 'info', to: ['c'], why: said });
  });
});
