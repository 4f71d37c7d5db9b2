import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { uuid_ossp } from '@electric-sql/pglite/contrib/uuid_ossp';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withSession } from '../../lib/database/connect.js';
import { readFactRows } from '../../lib/database/introspect.js';
import { difference, type Snapshot, toSnapshot } from '../../lib/fingerprint/fact.js';
import { type DatabaseSource, upgrade } from '../../lib/index.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const facts = (source: DatabaseSource): Promise<Snapshot> =>
  withSession(source, {}, async (session) => toSnapshot(await readFactRows(session)));

test('every kind of object is one line; extensions, our own tables and the server itself are left out', async () => {
  const own = await freshDatabase();
  await own.query(`
    CREATE EXTENSION pg_trgm;
    CREATE SCHEMA app;
    CREATE TYPE mood AS ENUM ('good', 'it''s bad');
    CREATE DOMAIN short AS varchar(10);
    CREATE SEQUENCE loose;
    CREATE TABLE app.people (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL DEFAULT 'x: y',
      "odd.name" mood,
      loud text GENERATED ALWAYS AS (upper(name)) STORED,
      kind varchar(9) CHECK (kind IN ('a', 'b'))
    );
    CREATE INDEX people_name ON app.people (lower(name)) WHERE kind IN ('a', 'b');
    CREATE VIEW loud AS SELECT loud FROM app.people;
    CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TRIGGER tr BEFORE UPDATE ON app.people FOR EACH ROW EXECUTE FUNCTION t();
    COMMENT ON TABLE app.people IS 'who';
    COMMENT ON COLUMN app.people.name IS 'what they are called';
    CREATE TABLE revgraph_version (revision text);
    CREATE TABLE alembic_version (version_num text);
  `);
  expect([...(await facts(own.url))].sort()).toEqual([
    'column app.people."odd.name": public.mood',
    'column app.people.id: bigint not null generated always as identity',
    'column app.people.kind: character varying(9)',
    'column app.people.loud: text generated as upper(name)',
    "column app.people.name: text not null default 'x: y'::text",
    'column public.loud.loud: text',
    'comment on column app.people.name: what they are called',
    'comment on table app.people: who',
    "constraint app.people.people_kind_check: CHECK (((kind)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))",
    'constraint app.people.people_pkey: PRIMARY KEY (id)',
    'domain public.short: character varying(10)',
    "enum public.mood: 'good', 'it''s bad'",
    'extension pg_trgm',
    'function public.f(a integer, b text): integer',
    'function public.t(): trigger',
    "index app.people_name: CREATE INDEX people_name ON app.people USING btree (lower(name)) WHERE ((kind)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))",
    'schema app',
    'sequence public.loose: bigint',
    'table app.people',
    'trigger app.people.tr: CREATE TRIGGER tr BEFORE UPDATE ON app.people FOR EACH ROW EXECUTE FUNCTION public.t()',
    'view public.loud',
  ]);
  await own.drop();
});

test('the reference graph has the same facts on a server and on PGlite', async () => {
  await upgrade({ revisions: 'revisions', database: database.url });
  const pglite = await freshPGlite({ btree_gin, pg_trgm, uuid_ossp });
  await upgrade({ revisions: 'revisions', database: pglite });
  const [onServer, onPGlite] = [await facts(database.url), await facts(pglite)];
  expect(difference(onServer, onPGlite)).toEqual({ missing: [], unexpected: [] });
  expect(onServer.size).toBeGreaterThan(1300);
  await pglite.close();
});

test('reading takes one round trip, leaves no transaction open, and the search path as it was', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  let queries = 0;
  const counting = {
    query: (text: string) => {
      queries++;
      return client.query(text);
    },
  };
  await readFactRows(counting);
  expect(queries).toBe(1);
  expect(
    (await client.query("SELECT current_setting('search_path') AS p, now() = statement_timestamp() AS fresh"))
      .rows,
  ).toEqual([{ p: '"$user", public', fresh: true }]);
  await client.end();
});
