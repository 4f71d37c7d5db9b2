import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  isRevgraphError,
  type PreflightCheck,
  type PreflightOptions,
  preflight,
  upgrade,
} from '../../lib/index.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/** A database of its own with these objects in it, and a folder with one revision that does this. */
async function planned(
  before: string,
  up: string,
  header?: string,
): Promise<PreflightOptions & { db: TestDatabase }> {
  const db = await freshDatabase();
  onTestFinished(() => db.drop());
  if (before !== '') await db.query(before);
  const text = header === undefined ? { upgrade: up } : { upgrade: up, header };
  return { revisions: folderWith({ 'a.sql': sql('a', text) }), database: db.url, db };
}

/** The lines that are not in order, as `name status`. */
const wrong = (checks: readonly PreflightCheck[]): string[] =>
  checks.flatMap(({ name, status }) => (status === 'no' || status === 'warn' ? [`${name} ${status}`] : []));

async function linesOf(before: string, up: string, more: Partial<PreflightOptions> = {}): Promise<string[]> {
  const { db, ...options } = await planned(before, up);
  return wrong((await preflight({ ...options, ...more })).checks);
}

const TOPICS = `
  CREATE TABLE topics (id int PRIMARY KEY, name text);
  CREATE TABLE contents (id int PRIMARY KEY, topic_id int, lang text DEFAULT '{}');
  INSERT INTO topics SELECT n, 'topic ' || n FROM generate_series(1, 3) n;
  INSERT INTO contents SELECT n, n FROM generate_series(1, 5) n;`;

const DOUBLES = `CREATE TABLE d (id int NOT NULL, a int, n int, t text);
  INSERT INTO d VALUES (1, 1, NULL, 'x'), (2, 1, NULL, 'X'), (3, NULL, NULL, NULL), (4, 2, NULL, 'y');`;
const PAIRS = `CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b)); INSERT INTO pair VALUES (1, 1);
  CREATE TABLE child (a int, b int); INSERT INTO child VALUES (1, 1), (1, NULL), (NULL, NULL);`;

const VIEW = 'CREATE MATERIALIZED VIEW v AS SELECT 1 AS id, 2 AS other;';
const REFRESH = 'REFRESH MATERIALIZED VIEW CONCURRENTLY v;';

describe('what a plan would trip over', () => {
  test.each<[what: string, before: string, up: string, found: string[]]>([
    // Constraints that the rows violate.
    ['a unique constraint', DOUBLES, 'ALTER TABLE d ADD UNIQUE (a);', ['unique no']],
    ['one that the rows keep', DOUBLES, 'ALTER TABLE d ADD CONSTRAINT u UNIQUE (a, id);', []],
    ['a primary key', DOUBLES, 'ALTER TABLE d ADD PRIMARY KEY (a);', ['not_null no', 'unique no']],
    [
      'one of a column with another name',
      DOUBLES,
      'ALTER TABLE d RENAME a TO b; ALTER TABLE d ADD UNIQUE (b);',
      ['unique no'],
    ],
    ['a unique index', DOUBLES, 'CREATE UNIQUE INDEX ON d (a DESC NULLS LAST);', ['unique no']],
    [
      'one that is built concurrently',
      DOUBLES,
      'CREATE UNIQUE INDEX CONCURRENTLY i ON d (a);',
      ['unique no'],
    ],
    [
      'one of an expression',
      DOUBLES,
      'CREATE UNIQUE INDEX ON d USING btree (id, lower(t || \',(\') COLLATE "C", (length(t)) DESC); CREATE UNIQUE INDEX ON d (upper(t), (length(t)));',
      ['unique no'],
    ],
    [
      'one of some rows',
      DOUBLES,
      'CREATE UNIQUE INDEX ON d (a) WHERE id > 1; CREATE UNIQUE INDEX ON d (a) WHERE (id > 0) /* all */;',
      ['unique no'],
    ],
    ['nulls, which are distinct', DOUBLES, 'ALTER TABLE d ADD UNIQUE (n);', []],
    [
      'nulls, which are not',
      DOUBLES,
      'ALTER TABLE d ADD UNIQUE NULLS NOT DISTINCT (n); CREATE UNIQUE INDEX ON d (n) NULLS NOT DISTINCT;',
      ['unique no', 'unique no'],
    ],
    [
      'an index that is there, with IF NOT EXISTS',
      `${DOUBLES} CREATE INDEX i ON d (a);`,
      'CREATE UNIQUE INDEX IF NOT EXISTS i ON d (a);',
      [],
    ],
    [
      'a unique constraint on a table that the plan empties, or cleans',
      DOUBLES,
      'DELETE FROM d WHERE id > 1; ALTER TABLE d ADD UNIQUE (a); TRUNCATE d; ALTER TABLE d ADD UNIQUE (a);',
      ['loss warn', 'unique warn'],
    ],
    [
      'a new column that must differ, with one value',
      DOUBLES,
      'ALTER TABLE d ADD x int DEFAULT 1 UNIQUE;',
      ['unique no'],
    ],
    [
      'the same for one row',
      'CREATE TABLE o AS SELECT 1 AS id;',
      'ALTER TABLE o ADD x int DEFAULT 1 UNIQUE;',
      [],
    ],
    [
      'a check',
      DOUBLES,
      'ALTER TABLE d ADD CONSTRAINT "c (" CHECK (a > (1) /* ) */ AND t <> \')\');',
      ['check no'],
    ],
    [
      'a check of letters that take two bytes',
      DOUBLES,
      'ALTER TABLE d ADD CONSTRAINT "größer" CHECK (t <> \'ä\' AND a > 1);',
      ['check no'],
    ],
    ['a check that holds, or is null', DOUBLES, 'ALTER TABLE d ADD CHECK (a > 0), ADD CHECK (n > 5);', []],
    ['a check that is not validated', DOUBLES, 'ALTER TABLE d ADD CHECK (a > 1) NOT VALID;', ['check warn']],
    [
      'a check of a column that the plan changes',
      DOUBLES,
      'UPDATE d SET a = 5; ALTER TABLE d ADD CHECK (a > 1);',
      ['check warn'],
    ],
    [
      'a check of a function that the plan makes',
      DOUBLES,
      "CREATE FUNCTION f(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 1'; ALTER TABLE d ADD CHECK (f(a));",
      [],
    ],
    // Foreign keys.
    [
      'MATCH FULL',
      PAIRS,
      'ALTER TABLE child ADD FOREIGN KEY (a, b) REFERENCES pair MATCH FULL;',
      ['orphans no'],
    ],
    ['MATCH SIMPLE of the same', PAIRS, 'ALTER TABLE child ADD FOREIGN KEY (a, b) REFERENCES pair;', []],
    [
      'a key into a table that the plan empties',
      PAIRS,
      'TRUNCATE pair; ALTER TABLE child ADD FOREIGN KEY (a, b) REFERENCES pair;',
      ['loss warn', 'orphans no'],
    ],
    [
      'into one that it makes',
      PAIRS,
      'CREATE TABLE new (id int PRIMARY KEY); ALTER TABLE child ADD FOREIGN KEY (a) REFERENCES new;',
      ['orphans no'],
    ],
    [
      'into one that it makes and fills',
      PAIRS,
      'CREATE TABLE new (id int PRIMARY KEY); INSERT INTO new SELECT a FROM child; ALTER TABLE child ADD FOREIGN KEY (a) REFERENCES new;',
      [],
    ],
    [
      'into one that it makes of a query',
      PAIRS,
      'CREATE TABLE new AS SELECT DISTINCT a AS id FROM child; ALTER TABLE new ADD PRIMARY KEY (id); ALTER TABLE child ADD FOREIGN KEY (a) REFERENCES new (id);',
      [],
    ],
    // Extensions.
    ['a version that there is not', '', "CREATE EXTENSION pg_trgm VERSION '99';", ['extension no']],
    ['an extension that needs another', '', 'CREATE EXTENSION earthdistance;', ['extension no']],
    ['the same with CASCADE, or behind the other', '', 'CREATE EXTENSION earthdistance CASCADE;', []],
    ['the same behind the other', '', 'CREATE EXTENSION cube; CREATE EXTENSION earthdistance;', []],
    [
      'an update that there is not',
      'CREATE EXTENSION cube;',
      "ALTER EXTENSION cube UPDATE TO '99';",
      ['extension no'],
    ],
    ['an update of one that is not there', '', 'ALTER EXTENSION cube UPDATE;', ['extension no']],
    ['an update', 'CREATE EXTENSION cube;', 'ALTER EXTENSION cube UPDATE;', []],
    ['a table that is there', 'CREATE TABLE t ();', 'CREATE TABLE t ();', ['exists no']],
    ['a table where a view is', 'CREATE VIEW t AS SELECT 1;', 'CREATE TABLE t ();', ['exists no']],
    [
      'a view, an index and a sequence that are there',
      `${TOPICS} CREATE VIEW v AS SELECT 1; CREATE INDEX i ON topics (name); CREATE SEQUENCE s;`,
      'CREATE VIEW v AS SELECT 1; CREATE INDEX i ON contents (lang); CREATE SEQUENCE s;',
      ['exists no', 'exists no', 'exists no'],
    ],
    [
      'the same, where it may be',
      `${TOPICS} CREATE VIEW v AS SELECT 1 AS a; CREATE INDEX i ON topics (name); CREATE SEQUENCE s;`,
      'CREATE OR REPLACE VIEW v AS SELECT 2 AS a; CREATE INDEX IF NOT EXISTS i ON contents (lang); CREATE SEQUENCE IF NOT EXISTS s; CREATE TABLE IF NOT EXISTS topics (); CREATE TEMP TABLE contents ();',
      [],
    ],
    [
      'one that the plan takes away or renames first',
      'CREATE TABLE t (); CREATE TABLE u ();',
      'DROP TABLE t; CREATE TABLE t (); ALTER TABLE u RENAME TO w; CREATE TABLE u ();',
      [],
    ],
    [
      'one of another schema, which it hides',
      'CREATE SCHEMA s; CREATE TABLE public.t ();',
      'CREATE TABLE s.t ();',
      [],
    ],
    [
      'one that code before it may take away',
      'CREATE TABLE t ();',
      'DO $$ BEGIN DROP TABLE t; END $$; CREATE TABLE t ();',
      ['exists warn'],
    ],
    [
      'a column that is there, by a new name too',
      TOPICS,
      'ALTER TABLE topics ADD name text; ALTER TABLE contents RENAME topic_id TO lang;',
      ['exists no', 'exists no'],
    ],
    [
      'a column that may be there, or that the plan takes away, renames, or makes twice',
      TOPICS,
      `ALTER TABLE topics ADD IF NOT EXISTS name text; ALTER TABLE topics DROP name; ALTER TABLE topics ADD name text;
       ALTER TABLE contents RENAME topic_id TO topic; ALTER TABLE contents ADD topic_id int; ALTER TABLE contents ADD name text;`,
      ['loss warn'],
    ],
    [
      'a column that may have gone with a type, or with that of a parent',
      `CREATE DOMAIN dom AS int; CREATE TABLE p (a dom, b int); CREATE TABLE c () INHERITS (p);`,
      'DROP DOMAIN dom CASCADE; ALTER TABLE p ADD a int;',
      ['exists warn'],
    ],
    [
      'a column that goes with that of a parent',
      'CREATE TABLE p (a int, b int); CREATE TABLE c () INHERITS (p);',
      'ALTER TABLE p DROP b; ALTER TABLE c ADD b int;',
      ['exists warn'],
    ],
    [
      'a column that must have a value, in a table with rows',
      TOPICS,
      'ALTER TABLE topics ADD n int NOT NULL;',
      ['not_null no'],
    ],
    [
      'the same with DEFAULT NULL',
      TOPICS,
      'ALTER TABLE topics ADD n int NOT NULL DEFAULT NULL;',
      ['not_null no'],
    ],
    [
      'a column that gets a value',
      TOPICS,
      'ALTER TABLE topics ADD n int NOT NULL DEFAULT 0, ADD m serial NOT NULL, ADD o int NOT NULL GENERATED ALWAYS AS (1) STORED, ADD p int GENERATED BY DEFAULT AS IDENTITY NOT NULL;',
      [],
    ],
    [
      'a column that must have a value, in an empty table',
      'CREATE TABLE e ();',
      'ALTER TABLE e ADD n int NOT NULL;',
      [],
    ],
    [
      'in one that the plan empties',
      TOPICS,
      'TRUNCATE contents; ALTER TABLE contents ADD n int NOT NULL;',
      ['loss warn'],
    ],
    [
      'in one of which the plan deletes rows',
      TOPICS,
      'DELETE FROM topics WHERE id > 0; ALTER TABLE topics ADD n int NOT NULL;',
      ['not_null warn'],
    ],
    [
      'one that is there, with IF NOT EXISTS',
      TOPICS,
      'ALTER TABLE topics ADD COLUMN IF NOT EXISTS name text NOT NULL;',
      [],
    ],
    ['a refresh without a unique index', VIEW, REFRESH, ['refresh_concurrently no']],
    [
      'a unique index with a condition',
      `${VIEW} CREATE UNIQUE INDEX ON v (id) WHERE id > 0;`,
      REFRESH,
      ['refresh_concurrently no'],
    ],
    [
      'a unique index over an expression',
      `${VIEW} CREATE UNIQUE INDEX ON v ((id + 1));`,
      REFRESH,
      ['refresh_concurrently no'],
    ],
    ['a unique index', `${VIEW} CREATE UNIQUE INDEX ON v (id);`, REFRESH, []],
    ['a unique index that the plan makes', VIEW, `CREATE UNIQUE INDEX ON v (id); ${REFRESH}`, []],
    [
      'a view that gets its index and then another name',
      VIEW,
      'CREATE UNIQUE INDEX ON v (id); ALTER MATERIALIZED VIEW v RENAME TO w; REFRESH MATERIALIZED VIEW CONCURRENTLY w;',
      [],
    ],
    [
      'a type change that fills what was null',
      'CREATE TABLE c (n int); INSERT INTO c VALUES (NULL);',
      'ALTER TABLE c ALTER n TYPE text USING coalesce(n, 0)::text, ALTER n SET NOT NULL;',
      ['not_null warn'],
    ],
    [
      'orphans that are deleted through a view',
      TOPICS,
      'CREATE VIEW o AS SELECT * FROM contents; DELETE FROM o WHERE topic_id > 3; ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics;',
      ['orphans warn'],
    ],
    [
      'a unique index that the plan makes in its schema',
      VIEW,
      `CREATE UNIQUE INDEX ON public.v (id); ${REFRESH}`,
      [],
    ],
    [
      'a unique index that the plan drops',
      `${VIEW} CREATE UNIQUE INDEX one ON v (id);`,
      `DROP INDEX one; ${REFRESH}`,
      ['refresh_concurrently no'],
    ],
    [
      'a view without rows',
      `${VIEW.replace(';', ' WITH NO DATA;')} CREATE UNIQUE INDEX ON v (id);`,
      REFRESH,
      ['refresh_concurrently no'],
    ],
    [
      'a view that the plan fills',
      `${VIEW.replace(';', ' WITH NO DATA;')} CREATE UNIQUE INDEX ON v (id);`,
      `REFRESH MATERIALIZED VIEW v; ${REFRESH}`,
      [],
    ],
    ['a view that the plan makes, without an index', '', `${VIEW} ${REFRESH}`, ['refresh_concurrently no']],
    ['a view that the plan makes, with one', '', `${VIEW} CREATE UNIQUE INDEX ON v (id); ${REFRESH}`, []],
    [
      'a view that the plan makes anew',
      `${VIEW} CREATE UNIQUE INDEX ON v (id);`,
      `DROP MATERIALIZED VIEW v; ${VIEW} ${REFRESH}`,
      ['refresh_concurrently no'],
    ],
    [
      'a refresh after code that may make the index',
      VIEW,
      `DO $$ BEGIN CREATE UNIQUE INDEX ON v (id); END $$; ${REFRESH}`,
      ['refresh_concurrently warn'],
    ],
    [
      'a view that is not there',
      '',
      `DO $$ BEGIN CREATE MATERIALIZED VIEW v AS SELECT 1 AS id; END $$; ${REFRESH}`,
      [],
    ],

    [
      'a default that blocks a type',
      TOPICS,
      'ALTER TABLE contents ALTER lang TYPE jsonb USING lang::jsonb;',
      ['default no'],
    ],
    [
      'a default that was dropped before',
      TOPICS,
      'ALTER TABLE public.contents ALTER lang DROP DEFAULT; ALTER TABLE contents ALTER lang TYPE jsonb USING lang::jsonb;',
      [],
    ],
    [
      'a default that is dropped with it',
      TOPICS,
      'ALTER TABLE contents ALTER lang TYPE jsonb USING lang::jsonb, ALTER lang DROP DEFAULT;',
      [],
    ],
    [
      'a default that is set with it',
      TOPICS,
      "ALTER TABLE contents ALTER lang TYPE jsonb USING lang::jsonb, ALTER lang SET DEFAULT '{}';",
      ['default no'],
    ],
    [
      'a default that casts by itself',
      'CREATE TABLE t (id serial, a int DEFAULT 5, b varchar(5) DEFAULT $$x$$, c timestamp DEFAULT now());',
      'ALTER TABLE t ALTER id TYPE bigint, ALTER a TYPE numeric(10,2), ALTER b TYPE text, ALTER c TYPE timestamptz; ALTER TABLE t ALTER a TYPE text;',
      [],
    ],
    [
      'a number that becomes a truth',
      'CREATE TABLE t (a bigint DEFAULT 1);',
      'ALTER TABLE t ALTER a TYPE boolean USING a <> 0;',
      ['default no'],
    ],
    [
      'a number that becomes text',
      'CREATE TABLE t (a int DEFAULT 1);',
      'ALTER TABLE t ALTER a TYPE text;',
      [],
    ],
    [
      'a default of an array, which nobody judges',
      'CREATE TABLE t (a text[] DEFAULT $${}$$);',
      'ALTER TABLE t ALTER a DROP DEFAULT, ALTER a TYPE int[] USING a::int[];',
      [],
    ],
    [
      'a table that the plan makes',
      '',
      "CREATE TABLE t (a text DEFAULT '{}'); ALTER TABLE t ALTER a TYPE jsonb USING a::jsonb;",
      [],
    ],

    ['orphans', TOPICS, 'ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics;', ['orphans no']],
    [
      'orphans of a key that is not validated',
      TOPICS,
      'ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics (id) NOT VALID;',
      ['orphans warn'],
    ],
    [
      'orphans that the plan takes away',
      TOPICS,
      'DELETE FROM contents WHERE topic_id > 3; ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics;',
      ['orphans warn'],
    ],
    [
      'orphans whose parents the plan makes',
      TOPICS,
      "INSERT INTO topics VALUES (4, 'x'), (5, 'y'); ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics;",
      ['orphans warn'],
    ],
    [
      'a new column that refers to something',
      TOPICS,
      'ALTER TABLE contents ADD COLUMN other int REFERENCES topics;',
      [],
    ],
    [
      'a new column that refers to nothing',
      TOPICS,
      'ALTER TABLE contents ADD COLUMN other int DEFAULT 9 REFERENCES topics;',
      ['orphans no'],
    ],
    [
      'a composite key, of which nulls need no parent',
      'CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE c (a int, b int); INSERT INTO c VALUES (1, NULL), (NULL, NULL);',
      'ALTER TABLE c ADD FOREIGN KEY (a, b) REFERENCES p;',
      [],
    ],
    [
      'a composite key without a parent',
      'CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE c (x int, y int); INSERT INTO c VALUES (1, 2);',
      'ALTER TABLE c ADD FOREIGN KEY (x, y) REFERENCES p;',
      ['orphans no'],
    ],
    [
      'a parent that the plan makes',
      TOPICS,
      'CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p SELECT topic_id FROM contents; ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES p;',
      [],
    ],
    [
      'a column by its new name',
      TOPICS,
      'ALTER TABLE contents RENAME topic_id TO topic; ALTER TABLE contents ADD FOREIGN KEY (topic) REFERENCES topics;',
      ['orphans no'],
    ],
    [
      'a table by its new name',
      TOPICS,
      'ALTER TABLE contents RENAME TO texts; ALTER TABLE texts ADD FOREIGN KEY (topic_id) REFERENCES topics;',
      ['orphans no'],
    ],

    [
      'NOT NULL over nulls',
      'CREATE TABLE t (a int); INSERT INTO t VALUES (NULL);',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      ['not_null no'],
    ],
    [
      'NOT NULL over nulls that the plan fills',
      'CREATE TABLE t (a int); INSERT INTO t VALUES (NULL);',
      'UPDATE t SET a = 1; ALTER TABLE t ALTER a SET NOT NULL;',
      ['not_null warn'],
    ],

    [
      'what is lost',
      TOPICS,
      'DROP TABLE contents; ALTER TABLE topics DROP COLUMN name; TRUNCATE topics;',
      ['loss warn', 'loss warn', 'loss warn'],
    ],
    [
      'what is lost with a schema',
      'CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 1;',
      'DROP SCHEMA s CASCADE;',
      ['loss warn'],
    ],
    ['an empty table', 'CREATE TABLE t (a int);', 'DROP TABLE t;', []],
    [
      'a table that the plan makes, and takes away',
      '',
      'CREATE TABLE t (a int); INSERT INTO t VALUES (1); DROP TABLE t;',
      [],
    ],
    [
      'a search path that nobody knows',
      TOPICS,
      "SET search_path = ''; ALTER TABLE public.contents ADD FOREIGN KEY (topic_id) REFERENCES public.topics; DROP TABLE contents;",
      ['orphans no'],
    ],
  ])('%s', async (_, before, up, found) => {
    expect(await linesOf(before, up)).toEqual(found);
  });

  test('names the rows, the statement and the remedy', async () => {
    const add = '\nALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics;';
    const { db: _, ...options } = await planned(TOPICS, add);
    const { checks, ok } = await preflight(options);
    expect(ok).toBe(false);
    expect(checks.find(({ name }) => name === 'orphans')).toMatchObject({
      status: 'no',
      title: 'contents (topic_id) references topics (id)',
      found: '2 rows of contents without a referenced row (topic_id: 4; 5)',
      remedy: expect.stringContaining('NOT VALID'),
      revision: 'a',
      file: expect.stringMatching(/a\.sql$/),
      line: 7,
      rows: 2,
    });
  });
});

describe('big tables', () => {
  const BIG = `
    CREATE TABLE big (id int, name varchar(20), price numeric(8,2), at timestamp, note text);
    INSERT INTO big SELECT n, 'name ' || n FROM generate_series(1, 200000) n;`;
  test('are told by their size, analysed or not', async () => {
    const { db, ...options } = await planned(
      BIG,
      `CREATE INDEX by_name ON big (name);
       ALTER TABLE big ALTER id TYPE bigint;
       ALTER TABLE big ADD COLUMN token uuid DEFAULT gen_random_uuid();
       ALTER TABLE big ADD COLUMN number serial;
       ALTER TABLE big ALTER at TYPE timestamptz;
       ALTER TABLE big ALTER name SET NOT NULL;`,
    );
    const expected = [
      'index warn',
      'type warn',
      'rewrite warn',
      'rewrite warn',
      'type warn',
      'not_null warn',
    ];
    const first = await preflight(options);
    expect(wrong(first.checks)).toEqual(expected);
    expect(first.ok).toBe(true);
    expect(first.checks.find(({ name }) => name === 'index')).toMatchObject({
      found: expect.stringMatching(/^about [\d,]+ rows, \d+(\.\d)? MB: no session can write/),
      remedy: expect.stringContaining('CREATE INDEX CONCURRENTLY'),
    });
    await db.query('ANALYZE big');
    expect(wrong((await preflight(options)).checks)).toEqual(expected);
    const limits = { bigTableRows: 300_000 };
    expect(wrong((await preflight({ ...options, limits })).checks)).toEqual([]);
  });

  test('what only changes the catalog is not told', async () => {
    const cheap = `ALTER TABLE big ALTER name TYPE varchar(40), ALTER price TYPE numeric(12,2), ALTER at TYPE timestamp(6);
       ALTER TABLE big ALTER name TYPE text;
       ALTER TABLE big ADD COLUMN made timestamptz DEFAULT now(), ADD COLUMN flag boolean NOT NULL DEFAULT false;
       CREATE TABLE small (id int); CREATE INDEX ON small (id);
       ALTER TABLE big ADD CONSTRAINT named CHECK (name IS NOT NULL) NOT VALID;
       ALTER TABLE big VALIDATE CONSTRAINT named;
       ALTER TABLE big ALTER name SET NOT NULL;`;
    expect(await linesOf(BIG, cheap)).toEqual([]);
    const concurrently = 'CREATE INDEX CONCURRENTLY by_name ON big (name);';
    expect(await linesOf(BIG, concurrently)).toEqual([]);
    expect(
      await linesOf(
        `${BIG} CREATE INDEX there ON big (id);`,
        'CREATE INDEX IF NOT EXISTS there ON big (id);',
      ),
    ).toEqual([]);
  });
});

describe('who else is there', () => {
  test('long transactions, locks and prepared transactions', async () => {
    const { db, ...options } = await planned(
      TOPICS,
      'ALTER TABLE contents ADD COLUMN x int; DROP TABLE topics;',
    );
    const reader = new pg.Client({ connectionString: db.url, application_name: 'a report' });
    const writer = new pg.Client({ connectionString: db.url, application_name: 'a dump' });
    await Promise.all([reader.connect(), writer.connect()]);
    try {
      await reader.query('BEGIN; SELECT count(*) FROM contents');
      const limits = { longTransactionSeconds: 0 };
      const { checks, ok } = await preflight({ ...options, limits });
      expect(ok).toBe(true);
      expect(wrong(checks)).toEqual(expect.arrayContaining(['long_transaction warn', 'lock warn']));
      expect(checks.find(({ name }) => name === 'lock')).toMatchObject({
        title: 'Table contents is locked',
        found: expect.stringMatching(
          /^pid \d+ \(a report, user postgres\), idle in transaction for \d+ s, holds AccessShareLock$/,
        ),
      });
      const names = (await preflight(options)).checks
        .filter(({ status }) => status === 'warn')
        .map(({ name }) => name);
      expect(names).not.toContain('long_transaction');
      // Somebody who has the table to himself does not keep the checklist waiting for it.
      await writer.query('BEGIN; LOCK TABLE topics IN ACCESS EXCLUSIVE MODE');
      const locked = await preflight(options);
      expect(locked.checks.filter(({ name }) => name === 'lock')).toHaveLength(2);
      expect(locked.checks.find(({ name }) => name === 'loss')).toMatchObject({ status: 'warn', rows: null });
    } finally {
      await Promise.all([reader.end(), writer.end()]);
    }
  });
});

describe('what a role may', () => {
  test('rights of the plan, told one by one, with what to grant', async () => {
    const { db, ...options } = await planned(
      `${TOPICS} CREATE TABLE own (id int); CREATE SCHEMA away;`,
      `CREATE TABLE away.t (id int);
       CREATE TABLE made (id int REFERENCES topics);
       INSERT INTO made VALUES (1);
       ALTER TABLE contents ADD COLUMN x int;
       UPDATE topics SET name = 'x' WHERE id IN (SELECT id FROM contents);
       INSERT INTO own SELECT id FROM topics;
       CREATE INDEX ON contents (id);
       CREATE EXTENSION IF NOT EXISTS pg_trgm;
       CREATE EXTENSION IF NOT EXISTS pageinspect;
       DROP TABLE IF EXISTS nothing;`,
    );
    const role = `app_${db.name}`;
    await db.query(`
      CREATE ROLE ${role} LOGIN PASSWORD 'secret';
      GRANT USAGE, CREATE ON SCHEMA public TO ${role}; GRANT USAGE ON SCHEMA away TO ${role};
      GRANT SELECT ON topics TO ${role}; ALTER TABLE own OWNER TO ${role};`);
    onTestFinished(async () => {
      await db.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });
    const url = new URL(db.url);
    url.username = role;
    url.password = 'secret';
    const mine = { ...options, database: url.href };
    const { checks, ok } = await preflight(mine);
    expect(ok).toBe(false);
    expect(checks.flatMap(({ status, title }) => (status === 'no' ? [title] : []))).toEqual([
      'CREATE in schema away',
      'REFERENCES on topics',
      'ALTER contents',
      'UPDATE on topics',
      'SELECT on contents',
      'CREATE EXTENSION pg_trgm',
      'CREATE EXTENSION pageinspect',
    ]);
    expect(checks.find(({ title }) => title === 'UPDATE on topics')?.remedy).toContain(
      `GRANT UPDATE ON topics TO ${role}`,
    );

    const refused = await upgrade(mine).catch((error: unknown) => error);
    if (!isRevgraphError(refused, 'preflight_refused')) throw refused;
    expect(refused.exitValue).toBe(4);
    expect(refused.details.checks).toHaveLength(7);
    expect(refused.message).toContain('CREATE EXTENSION pageinspect');
    expect(await db.query('SELECT to_regclass($1) AS t', ['revgraph_ledger'])).toEqual([{ t: null }]);

    // A trusted extension needs no superuser, only room in the database.
    await db.query(`GRANT CREATE ON DATABASE ${db.name} TO ${role}`);
    const trusted = (await preflight(mine)).checks.filter(({ name }) => name === 'extension');
    expect(trusted.map(({ status }) => status)).toEqual(['ok', 'no']);
    expect((await preflight(options)).ok).toBe(true);
  });

  test('the version table and the ledger', async () => {
    const { db, ...options } = await planned('CREATE TABLE x (id int)', 'SELECT 1;');
    const role = `app_${db.name}`;
    await db.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    onTestFinished(async () => {
      await db.query(`DROP ROLE ${role}`);
    });
    const url = new URL(db.url);
    url.username = role;
    url.password = 'secret';
    const { checks } = await preflight({ ...options, database: url.href });
    expect(checks.flatMap(({ status, title }) => (status === 'no' ? [title] : []))).toEqual([
      'Create the table revgraph_version',
      'Create the table revgraph_ledger',
    ]);
  });
});

test('the embedded database answers the same questions', async () => {
  const pglite = await freshPGlite();
  await pglite.exec(TOPICS + VIEW);
  const up = `ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics;
    ALTER TABLE contents ALTER lang TYPE jsonb USING lang::jsonb;
    DROP TABLE topics CASCADE; ${REFRESH}`;
  const revisions = folderWith({ 'a.sql': sql('a', { upgrade: up }) });
  const { checks, steps, to } = await preflight({ revisions, database: pglite });
  expect([steps, to]).toEqual([['a'], ['a']]);
  expect(wrong(checks)).toEqual(['orphans no', 'default no', 'refresh_concurrently no', 'loss warn']);
  expect(checks.filter(({ status }) => status === 'ok').map(({ name }) => name)).toEqual([
    'server_version',
    'server_writable',
    'privilege',
    'long_transaction',
    'lock',
  ]);
  await pglite.close();
});
