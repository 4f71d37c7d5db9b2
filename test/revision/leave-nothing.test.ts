import { beforeEach, describe, expect, test } from 'vitest';
import { defineRevision, upgrade } from '../../lib/index.js';
import { leaveNothing, mayListen } from '../../lib/revision/transaction.js';
import { splitStatements } from '../../lib/sql/statements.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';

/* Behind plain definitions nothing is put back: they leave nothing. Whatever may run a function is not one of them. */

const { database, on } = databasePerTest();
const split = (text: string) => splitStatements(text, { file: 'a.sql', line: 1 });

const QUIET = [
  "CREATE TABLE t (id int PRIMARY KEY, at timestamptz DEFAULT now(), name text CHECK (name <> ''))",
  'CREATE INDEX i ON t (name, id)',
  'ALTER TABLE t ADD COLUMN note text',
  'ALTER TABLE ONLY public.t ADD other character varying(20) NOT NULL',
  "CREATE TYPE mood AS ENUM ('a'); COMMENT ON TYPE mood IS 'x'",
  'DROP TABLE t',
];
const LOUD = [
  "CREATE TABLE p PARTITION OF t FOR VALUES IN (set_config('search_path', 'other', false))",
  'ALTER TABLE t ADD COLUMN d some_domain',
  'ALTER TABLE t ADD COLUMN id serial',
  'ALTER TABLE t ADD COLUMN a int, ADD CHECK (f(a))',
  'CREATE SCHEMA s CREATE TABLE p PARTITION OF t FOR VALUES IN (f())',
  'CREATE TEMP TABLE t (id int)',
  'CREATE TABLE pg_temp.t (id int)',
  'CREATE TABLE t AS SELECT 1',
  'CREATE INDEX i ON t (lower(name))',
  'CREATE INDEX i ON t (name) WHERE f(name)',
  'ALTER TABLE t ADD COLUMN at timestamptz DEFAULT clock_timestamp()',
  'ALTER TABLE t ADD CHECK (f(id))',
  'ALTER TABLE t ALTER COLUMN id TYPE text USING f(id)',
  'INSERT INTO t VALUES (1)',
  'UPDATE t SET id = 1',
  'SELECT 1',
  "SET app.tenant = 'a'",
  'SET ROLE other',
  'DO $$ BEGIN END $$',
  'LISTEN channel',
  'PREPARE p AS SELECT 1',
  "CREATE TABLE t (id int); SELECT set_config('app.tenant', 'a', false)",
];

test.each(QUIET)('%s leaves nothing', async (text) => {
  expect(leaveNothing(await split(text))).toBe(true);
});

test.each(LOUD)('%s may leave something', async (text) => {
  expect(leaveNothing(await split(text))).toBe(false);
});

test.each([
  ['CREATE EXTENSION hstore', true],
  ['DO $$ BEGIN END $$', true],
  ['SELECT f()', true],
  ['CREATE TABLE t (id int)', false],
  ['INSERT INTO t VALUES (1)', false],
])('%s may begin to listen: %s', async (text, expected) => {
  expect((await split(text)).some(mayListen)).toBe(expected);
});

describe('what listens to definitions', () => {
  const LISTENER = `CREATE FUNCTION leak() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM set_config('search_path', 'other, public', false); END $$;
    CREATE EVENT TRIGGER leak ON ddl_command_end EXECUTE FUNCTION leak()`;
  const begun = make('r0');
  const plain = [begun, make('r1', ['r0']), make('r2', ['r1']), make('r3', ['r2'])];
  // With it come the tables of ours.
  beforeEach(() => upgrade(on([begun])));
  const schemas = () =>
    database.query(
      "SELECT schemaname AS s, count(*)::int AS n FROM pg_tables WHERE tablename LIKE 't\\_%' GROUP BY 1",
    );

  test('was there before', async () => {
    await database.query(`CREATE SCHEMA other; ${LISTENER}`);
    await upgrade(on(plain));
    expect(await schemas()).toEqual([{ s: 'public', n: 4 }]);
  });

  test('is made by a trigger of a table', async () => {
    await database.query(`CREATE SCHEMA other; CREATE TABLE plain (id int);
      CREATE FUNCTION begins() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN EXECUTE $sql$${LISTENER}$sql$; RETURN new; END $f$;
      CREATE TRIGGER begins BEFORE INSERT ON plain FOR EACH ROW EXECUTE FUNCTION begins()`);
    const inserts = defineRevision({
      revision: 'rx',
      revises: ['r0'],
      upgrade: 'INSERT INTO plain VALUES (1)',
    });
    await upgrade(on([begun, inserts, make('r1', ['rx']), ...plain.slice(2)]));
    expect(await schemas()).toEqual([{ s: 'public', n: 4 }]);
  });

  test('is made by the run, by its name or by a function', async () => {
    await database.query('CREATE SCHEMA other');
    const made = [
      begun,
      defineRevision({
        revision: 'rx',
        revises: ['r0'],
        upgrade: `DO $do$ BEGIN EXECUTE $sql$${LISTENER}$sql$; END $do$`,
      }),
      make('r1', ['rx']),
      ...plain.slice(2),
    ];
    await upgrade(on(made));
    expect(await schemas()).toEqual([{ s: 'public', n: 4 }]);
  });
});
