import { describe, expect, test } from 'vitest';
import { doctor, identify, repairDrift, stamp, upgrade } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { databasePerTest } from '../support/history.js';
import { folderWith } from '../support/project.js';
import { chainFiles } from './chain.js';

/* What `repair --drift` does to objects of all kinds: as it was, or left alone. Never made a second time, never emptied. */

const { database } = databasePerTest();

async function drifted(made: string, before: string, ...byHand: string[]) {
  const revisions = folderWith(chainFiles({ a: made }));
  await catalogueOf(revisions);
  const at = { revisions, database: database.url };
  await upgrade(at);
  for (const statement of [before, ...byHand]) await database.query(statement);
  return at;
}

const TRIGGER = `CREATE TABLE t (id int, n int);
CREATE FUNCTION inc() RETURNS trigger LANGUAGE plpgsql AS 'begin new.n := new.n + 1; return new; end';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION inc();
CREATE POLICY po ON t USING (n > 0);`;

describe('gets its name back', () => {
  test.each([
    ['a trigger, which does not fire twice', 'ALTER TRIGGER tr ON t RENAME TO mine'],
    ['a policy', 'ALTER POLICY po ON t RENAME TO mine'],
  ])('%s', async (_, byHand) => {
    const at = await drifted(TRIGGER, 'SELECT 1', byHand);
    expect(await doctor(at)).toMatchObject({ ok: false });
    await repairDrift({ ...at, confirmed: true });
    expect(await doctor(at)).toMatchObject({ ok: true, foreign: [] });
    expect(await database.query('INSERT INTO t VALUES (1, 0) RETURNING n')).toEqual([{ n: 1 }]);
  });
});

describe('is left alone, and said, where it may be there under another name', () => {
  test.each([
    ['a column', 'ALTER TABLE t RENAME email TO mail', 'column public.t.mail'],
    ['a table', 'ALTER TABLE t RENAME TO t_old', 'table public.t_old'],
  ])('%s', async (_, byHand, twin) => {
    const at = await drifted('CREATE TABLE t (id int, email text);', "INSERT INTO t VALUES (1, 'x')", byHand);
    const { mends } = await doctor(at);
    expect(mends.find(({ note }) => note?.includes(twin))).toMatchObject({ sql: [] });
    await repairDrift({ ...at, confirmed: true }).catch(() => {});
    expect(
      await database.query(
        "SELECT FROM information_schema.columns WHERE table_name = 't' AND column_name = 'email'",
      ),
    ).toEqual([]);
  });
});

test.each([
  [
    'of its own',
    "CREATE SEQUENCE sq; CREATE TABLE t (id bigint DEFAULT nextval('sq'), n int);",
    'DROP SEQUENCE sq CASCADE',
  ],
  ['of a column', 'CREATE TABLE t (id serial PRIMARY KEY, n int);', 'DROP SEQUENCE t_id_seq CASCADE'],
  [
    'whose default only was dropped',
    'CREATE TABLE t (id serial PRIMARY KEY, n int);',
    'ALTER TABLE t ALTER id DROP DEFAULT',
  ],
])('a sequence %s gives no number out twice', async (_, made, byHand) => {
  const at = await drifted(made, 'INSERT INTO t (n) VALUES (1), (2), (3)', byHand);
  await repairDrift({ ...at, confirmed: true });
  expect(await doctor(at)).toMatchObject({ ok: true });
  expect(await database.query('INSERT INTO t (n) VALUES (4) RETURNING id::int AS id')).toEqual([{ id: 4 }]);
});

test.each([
  [
    'an index of a partitioned table',
    'CREATE TABLE p (id int, x int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9); CREATE INDEX i ON p(x);',
    'DROP INDEX i',
  ],
  [
    'a column of an inherited table',
    'CREATE TABLE z (id int, x int); CREATE TABLE b () INHERITS (z);',
    'ALTER TABLE z DROP COLUMN x',
  ],
  ['an extension', 'CREATE EXTENSION pg_trgm; CREATE TABLE t (id int);', 'DROP EXTENSION pg_trgm'],
  [
    'white space of a constant',
    "CREATE TABLE t (s text DEFAULT 'a  b', CONSTRAINT ck CHECK (s <> E'x\\ty'));",
    "ALTER TABLE t ALTER s SET DEFAULT 'a b', DROP CONSTRAINT ck, ADD CONSTRAINT ck CHECK (s <> 'x y')",
  ],
])('%s is as it was', async (_, made, byHand) => {
  const at = await drifted(made, 'SELECT 1');
  const all = `SELECT attrelid::regclass::text || attname AS a, attinhcount, pg_get_expr(adbin, adrelid) AS d FROM pg_attribute
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid::regclass::text ~ '^[a-z]1?$' AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT indexrelid::regclass::text, indisvalid::int, NULL FROM pg_index WHERE indexrelid::regclass::text ~ '^(i|p1)'
    UNION ALL SELECT conname, 0, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck' ORDER BY 1, 2`;
  const before = await database.query(all);
  await database.query(byHand);
  expect(await doctor(at)).toMatchObject({ ok: false });
  await repairDrift({ ...at, confirmed: true });
  expect(await doctor(at)).toMatchObject({ ok: true });
  expect(await database.query(all)).toEqual(before);
});

describe('another name speaks neither for a revision that removes it nor against it', () => {
  const KINDS: readonly [kind: string, made: string, removes: string, byHand: string][] = [
    [
      'constraint',
      'ALTER TABLE t ADD CONSTRAINT k CHECK (n < 9);',
      'ALTER TABLE t DROP CONSTRAINT k;',
      'ALTER TABLE t RENAME CONSTRAINT k TO mine',
    ],
    ['index', 'CREATE UNIQUE INDEX k ON t (n);', 'DROP INDEX k;', 'ALTER INDEX k RENAME TO mine'],
    ['trigger', '', 'DROP TRIGGER tr ON t;', 'ALTER TRIGGER tr ON t RENAME TO mine'],
    ['policy', '', 'DROP POLICY po ON t;', 'ALTER POLICY po ON t RENAME TO mine'],
    ['view', 'CREATE VIEW k AS SELECT id FROM t;', 'DROP VIEW k;', 'ALTER VIEW k RENAME TO mine'],
  ];
  test.each(KINDS)('%s', async (_, made, removes, byHand) => {
    const b = `${removes} UPDATE t SET n = n * 10;`;
    const revisions = folderWith(chainFiles({ a: TRIGGER + made, b }));
    await catalogueOf(revisions);
    const at = { revisions, database: database.url };
    await database.query(TRIGGER + made);
    expect(await identify(at)).toMatchObject({ match: 'exact', stamp: ['a'] });
    await database.query(byHand);
    expect(await identify(at)).toMatchObject({ match: 'near', doubtful: ['b'] });
    await expect(stamp({ ...at, auto: true, acceptDrift: true })).rejects.toMatchObject({
      code: 'unidentified',
    });
  });
});

test.each([
  ['index', 'DROP INDEX IF EXISTS t_n_idx;', 'CREATE INDEX ON t (n);'],
  ['constraint', 'ALTER TABLE t DROP CONSTRAINT IF EXISTS t_n_key;', 'ALTER TABLE t ADD UNIQUE (n);'],
  [
    'check, which a comment names',
    "COMMENT ON TABLE t IS 'see t_n_check';",
    'ALTER TABLE t ADD CHECK (n > 0);',
  ],
])(
  'a half-applied revision is not confirmed where the server names what is missing: %s',
  async (_, first, later) => {
    const half = `${first} CREATE TABLE z (id int, x int, y int);`;
    const b = `${half} ${later} ALTER FUNCTION inc() SECURITY DEFINER;`;
    const revisions = folderWith(chainFiles({ a: TRIGGER, b }));
    await catalogueOf(revisions);
    const at = { revisions, database: database.url };
    await database.query(TRIGGER);
    await database.query(half);
    expect(await identify(at)).toMatchObject({ match: 'near' });
    await expect(stamp({ ...at, auto: true, acceptDrift: true })).rejects.toMatchObject({
      code: 'unidentified',
    });
  },
);

test.each([
  [
    'a table of the name of one that is temporary',
    'CREATE TEMP TABLE ids AS SELECT id FROM t; UPDATE t SET n = 0;',
    'CREATE TABLE ids (id int)',
  ],
  [
    'one of the same name in another schema',
    'CREATE TABLE t_new (id int); UPDATE t SET n = 0; DROP TABLE t_new;',
    'CREATE SCHEMA other; CREATE TABLE other.t_new (id int)',
  ],
  [
    'an overloaded function',
    "CREATE FUNCTION slug(text) RETURNS text LANGUAGE sql AS 'SELECT 1'; UPDATE t SET n = 0; DROP FUNCTION slug(text);",
    "CREATE FUNCTION slug(int) RETURNS text LANGUAGE sql AS 'SELECT 1'",
  ],
  [
    'what a revision that leaves nothing else makes on its way',
    'CREATE TABLE helper (id int); DROP TABLE helper;',
    'CREATE TABLE helper (id int)',
  ],
  [
    'an index like one that such a revision dropped',
    'DROP INDEX t_n; CREATE INDEX t_id ON t (id);',
    'CREATE INDEX dba ON t (n)',
  ],
])('%s, made by hand, makes no exact answer doubtful', async (_, does, byHand) => {
  const a = `${TRIGGER} CREATE INDEX t_n ON t (n);`;
  const b = `${does} ALTER TABLE t ADD COLUMN z int;`;
  const revisions = folderWith(chainFiles({ a, b }));
  await catalogueOf(revisions);
  const at = { revisions, database: database.url };
  await database.query(a);
  await database.query(b);
  await database.query(byHand);
  expect(await identify(at)).toMatchObject({ match: 'exact', stamp: ['b'] });
});

test('what rows are in the way of is left as it was, and said; the rest is mended', async () => {
  const at = await drifted(
    'CREATE TABLE t (id int, n int, CONSTRAINT small CHECK (n < 10)); CREATE INDEX ix ON t (n);',
    'ALTER TABLE t DROP CONSTRAINT small',
    'DROP INDEX ix',
    'INSERT INTO t VALUES (1, 99)',
  );
  const failed = [{ object: 'constraint public.t.small', sqlstate: '23514', reason: expect.any(String) }];
  expect(await repairDrift({ ...at, confirmed: true })).toMatchObject({ dryRun: false, failed });
  const left = (await doctor(at)).findings.flatMap(({ missing }) => missing);
  expect(left).toEqual(['constraint public.t.small: CHECK ((n < 10))']);
  // Where nothing can be mended, nothing was done.
  await expect(repairDrift({ ...at, confirmed: true })).rejects.toMatchObject({
    code: 'database_failed',
    message: expect.stringContaining('mending constraint public.t.small'),
  });
});
