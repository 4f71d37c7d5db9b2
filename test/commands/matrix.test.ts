import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { buildCatalogue, type MatrixOptions, type MatrixPath, runMatrix } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';

/*
 * a ─┬─ b ─┬─ c     b adds a column, s a table, c turns text into a number: what the matrix must notice, each by itself.
 *    └─ s ─┘
 */

const REVISIONS = {
  'a.sql': sql('a', {
    upgrade: 'CREATE TABLE t (id int PRIMARY KEY, n text);',
    downgrade: 'DROP TABLE t;',
  }),
  'b.sql': sql('b', {
    revises: 'a',
    upgrade: 'ALTER TABLE t ADD b int;',
    downgrade: 'ALTER TABLE t DROP b;',
  }),
  's.sql': sql('s', { revises: 'a', upgrade: 'CREATE TABLE s (id int);', downgrade: 'DROP TABLE s;' }),
  'c.sql': sql('c', {
    revises: 'b, s',
    upgrade: 'ALTER TABLE t ALTER n TYPE int USING n::int;',
    downgrade: 'ALTER TABLE t ALTER n TYPE text;',
    more: `-- @precheck "numbers only" expect 0\nSELECT count(*) FROM t WHERE n::text !~ '^[0-9]+$';`,
  }),
};
const LINE = { ...REVISIONS, 's.sql': REVISIONS['s.sql'].replace('@revises a', '@revises b') };
LINE['c.sql'] = LINE['c.sql'].replace('@revises b, s', '@revises s');
const A = 'CREATE TABLE public.t (id int PRIMARY KEY, n text)';
const ROWS = "INSERT INTO t VALUES (1, '10'), (2, '20')";
const row = (revision: string) =>
  `CREATE TABLE revgraph_version (revision varchar(64) PRIMARY KEY); INSERT INTO revgraph_version VALUES ('${revision}')`;

const role = `matrix_${randomBytes(4).toString('hex')}`;
const on = inject('serverUrl').replace('postgres:only-for-tests', `${role}:secret-word`);
const asSuperuser = async (text: string) => {
  const client = new pg.Client({ connectionString: inject('serverUrl') });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
};
const left = () =>
  asSuperuser(
    `SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE rolname = '${role}'`,
  );

let origin: string;
beforeAll(async () => {
  await asSuperuser(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'secret-word'`);
  origin = mkdtempSync(join(tmpdir(), 'revgraph-test-'));
  for (const [name, text] of Object.entries(REVISIONS)) writeFileSync(join(origin, name), text);
  await catalogueOf(origin);
});
afterAll(async () => {
  rmSync(origin, { recursive: true });
  expect(await left()).toEqual([]);
  await asSuperuser(`DROP ROLE ${role}`);
});

/** A folder of revisions on one line, with its catalogue. */
async function project(files: Record<string, string>) {
  const folder = folderWith(files);
  const database = await freshDatabase();
  await buildCatalogue({ revisions: folder, database: database.url }).catch(async (error: unknown) => {
    await database.drop();
    throw error;
  });
  await database.drop();
  return folder;
}

let folder: string;
let fixtures: string;
beforeEach(() => {
  folder = temporaryFolder();
  cpSync(origin, folder, { recursive: true });
  fixtures = folderWith({ 'a.sql': `${A};` });
});

const start = (rows: string | readonly string[] = ROWS) => ({ sql: `${fixtures}/a.sql`, rows });
const walk = (options: Partial<MatrixOptions>) =>
  runMatrix({ revisions: folder, on, fresh: false, ...options });
const one = async (options: Partial<MatrixOptions>): Promise<MatrixPath> =>
  (await walk(options)).paths[0] as MatrixPath;
const CHECKS = [{ title: 'rows', sql: 'SELECT sum(n) FROM t', expect: 30 }] as const;
const failed = ({ failures }: MatrixPath) => failures.map(({ stage, code }) => code ?? stage);

test('a path that is as it should be, with every answer and its times', async () => {
  const path = await one({
    starts: { old: { ...start(), expect: { state: 'legacy', stamp: 'a', run: 3 } } },
    checks: CHECKS,
  });
  expect(path).toMatchObject({
    start: 'old',
    target: 'heads',
    ok: true,
    state: 'legacy',
    match: 'exact',
    stamp: ['a'],
    checks: [{ title: 'rows', expected: '30', found: '30', ok: true }],
    schema: { equal: true, foreign: 0 },
    secondRun: [],
    downAndUp: { skipped: null, revisions: 3 },
    failures: [],
  });
  expect(path.run).toEqual(['a', 'b', 's', 'c'].slice(1));
  expect(Object.keys(path.times)).toEqual([
    'restore',
    'identify',
    'stamp',
    'upgrade',
    'checks',
    'schema',
    'second run',
    'down and up',
  ]);
});

test('fresh, every release and several targets, each brought to each', async () => {
  const { ok, paths } = await walk({
    fresh: true,
    releases: { '1.10.0': 'c', '1.2.0': ['b', 's'], '1.9.0': ['b'] },
    starts: { old: { ...start(), expect: { run: { heads: 3, 'v1.9.0': 1 } } } },
    targets: ['heads', 'v1.9.0'],
  });
  expect(ok).toBe(true);
  expect(paths.map((path) => [path.start, path.target, path.run?.length])).toEqual([
    ['old', 'heads', 3],
    ['old', 'v1.9.0', 1],
    ['fresh', 'heads', 4],
    ['fresh', 'v1.9.0', 2],
    ['release 1.2.0', 'heads', 1],
    ['release 1.2.0', 'v1.9.0', 0],
    ['release 1.9.0', 'heads', 2],
    ['release 1.9.0', 'v1.9.0', 0],
    ['release 1.10.0', 'heads', 0],
    ['release 1.10.0', 'v1.9.0', 0],
  ]);
});

describe('what makes a path fail, and the others go on', () => {
  test('a script that breaks, with its file and line', async () => {
    const other = folderWith({ 'bad.sql': `${A};\nINSERT INTO nowhere\n  VALUES (1);\n` });
    const { ok, paths } = await walk({ starts: { bad: { sql: `${other}/bad.sql` }, good: start() } });
    expect([ok, paths.map((path) => path.ok)]).toEqual([false, [false, true]]);
    expect(paths[0]?.failures).toMatchObject([
      { stage: 'restore', code: 'restore_failed', message: expect.stringContaining('bad.sql:2: ') },
    ]);
  });

  test('a wrong check', async () => {
    const { paths } = await walk({
      starts: { one: start(), two: start() },
      checks: [
        { title: 'rows', sql: 'SELECT count(*) FROM t', expect: 7, starts: ['one'] },
        { title: 'no such table', sql: 'SELECT 1 FROM nowhere', expect: 1, starts: ['one'] },
        { title: 'nothing is null', sql: 'SELECT NULL', expect: null },
        { title: 'no row is not null', sql: 'SELECT 1 WHERE false', expect: null, starts: ['one'] },
      ],
    });
    expect(paths.map((path) => path.ok)).toEqual([false, true]);
    expect(paths[0]?.failures.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        '"rows": expected 7, found 2.',
        '"no such table": expected 1, found an error: relation "nowhere" does not exist.',
        '"no row is not null": expected null, found no row.',
      ]),
    );
  });

  test('a check changes nothing', async () => {
    const checks = [
      { title: 'writes', sql: 'INSERT INTO s VALUES (1) RETURNING id', expect: 1 },
      { title: 'was it written?', sql: 'SELECT count(*) FROM s', expect: 0 },
    ];
    expect(await one({ starts: { old: start() }, checks })).toMatchObject({ ok: true });
  });

  test('other expectations than what is found', async () => {
    const expectation = { state: 'behind', stamp: ['b'], run: 2 } as const;
    expect(failed(await one({ starts: { old: { ...start(), expect: expectation } } }))).toEqual([
      'identify',
      'stamp',
      'upgrade',
    ]);
  });

  test('a stamp by word that claims too much: the schema is not that of a fresh install', async () => {
    const path = await one({
      starts: { old: { ...start(), stamp: { revision: 'b', reason: 'the boss said so' } } },
    });
    expect(path).toMatchObject({
      ok: false,
      stamp: ['b'],
      schema: { equal: false, missing: ['column public.t.b: integer'], unexpected: [] },
    });
    expect(failed(path)).toContain('schema');
  });

  test('a false stamp, found out before anything runs', async () => {
    const path = await one({ starts: { old: start([ROWS, row('b')]) } });
    expect(path).toMatchObject({ ok: false, state: 'contradicted', run: null });
    expect(failed(path)).toEqual(['contradicted']);
  });

  test('data that a revision refuses', async () => {
    const path = await one({ starts: { old: start("INSERT INTO t VALUES (1, 'ten')") } });
    expect(failed(path)).toEqual(['check_failed']);
  });

  test('a version row that something puts back, in the step that moved it', async () => {
    const trigger = `${row('c')}; CREATE TABLE s (id int); ALTER TABLE t ADD b int; ALTER TABLE t ALTER n TYPE int USING n::int;
      CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE revgraph_version SET revision = 'c' WHERE revision = 'd'; RETURN NULL; END $$;
      CREATE TRIGGER back AFTER UPDATE ON revgraph_version FOR EACH ROW WHEN (NEW.revision = 'd') EXECUTE FUNCTION back();`;
    const d = sql('d', {
      revises: 'c',
      header: '-- @idempotent',
      upgrade: 'SELECT 1;',
      downgrade: 'SELECT 1;',
    });
    const more = await project({ ...LINE, 'd.sql': d });
    const starts = { old: { ...start([ROWS, trigger]), downgrade: false } };
    const path = await one({ revisions: more, starts });
    expect([path.run, failed(path)]).toEqual([null, ['step_failed']]);
    expect(path.failures[0]?.message).toContain('changed during the run');
  });

  test('a downgrade that does not bring back what was there', async () => {
    const wrong = REVISIONS['b.sql'].replace('ALTER TABLE t DROP b;', 'ALTER TABLE t DROP b, DROP n;');
    const path = await one({
      revisions: await project({ ...LINE, 'b.sql': wrong }),
      starts: { old: start('SELECT 1') },
    });
    expect(path).toMatchObject({ ok: false, schema: { equal: true }, secondRun: [] });
    expect(path.failures[0]).toMatchObject({
      stage: 'down and up',
      message: expect.stringContaining('- column public.t.n: text'),
    });
  });
});

describe('down and up', () => {
  test('is skipped, with the reason, where a revision has no way back', async () => {
    const c = LINE['c.sql'].replace('\n\n', '\n-- @irreversible "numbers lost their zeros"\n\n');
    const way = c.replace(/-- @downgrade[\s\S]*/, '');
    const path = await one({
      revisions: await project({ ...LINE, 'c.sql': way }),
      starts: { old: start() },
    });
    expect(path).toMatchObject({
      ok: true,
      downAndUp: { revisions: 0, skipped: expect.stringContaining('numbers lost their zeros') },
    });
  });

  test('can be switched off, and is nothing where nothing was run', async () => {
    const off = await one({ starts: { old: { ...start(), downgrade: false } } });
    expect(off.downAndUp).toEqual({ skipped: 'switched off', revisions: 0 });
    const { paths } = await walk({ releases: { '1.0.0': 'c' } });
    expect(paths[0]?.downAndUp?.skipped).toBe('nothing was run');
  });
});

describe('a start that must be refused', () => {
  const refused = async (rows: string, by: true | string = true) =>
    one({ starts: { old: { ...start(rows), expect: { refused: by } } } });

  test('passes if it is refused and nothing was written', async () => {
    const drift = 'ALTER TABLE t ALTER id TYPE bigint';
    expect(await refused(drift)).toMatchObject({
      ok: true,
      match: 'drifted',
      stamp: null,
      run: null,
      refused: { code: 'unidentified' },
    });
    expect(await refused(row('b'), 'contradicted')).toMatchObject({ ok: true });
  });

  test('fails if it goes through, or for another reason than the one that was named', async () => {
    expect((await refused(ROWS)).failures).toMatchObject([
      { message: 'The path should have been refused, but it succeeded.' },
    ]);
    expect(failed(await refused(row('b'), 'unidentified'))).toEqual(['contradicted']);
  });

  test('fails if something was written first', async () => {
    const path = await refused("INSERT INTO t VALUES (1, 'ten')", 'check_failed');
    expect(path).toMatchObject({ ok: false, refused: null });
    expect(path.failures[0]?.message).toMatch(
      /^The path was refused \(check_failed\), but .*revgraph_version/,
    );
  });
});

test('what no revision touches is tolerated and counted; comments decide nothing', async () => {
  const foreign = `${ROWS}; CREATE TABLE mine (id int); CREATE INDEX dba ON t (n); COMMENT ON TABLE t IS 'the t'`;
  expect(await one({ starts: { old: start(foreign) } })).toMatchObject({
    ok: true,
    schema: { equal: true, foreign: 3 },
  });
});

test('an abort drops everything and says so', async () => {
  const controller = new AbortController();
  const walking = walk({
    starts: { one: start(), two: start(), three: start() },
    concurrency: 1,
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === 'path-finished') controller.abort();
    },
  });
  await expect(walking).rejects.toMatchObject({
    code: 'aborted',
    details: { applied: ['one → heads'], remaining: ['two → heads', 'three → heads'] },
  });
  expect(await left()).toEqual([]);
});

test('events tell what is walked and how it ended', async () => {
  const told: string[] = [];
  await walk({
    starts: { one: start(), two: start() },
    concurrency: 1,
    onEvent: (event) =>
      told.push(event.type === 'path-started' ? `${event.start}?` : `${event.path.start} ${event.path.ok}`),
  });
  expect(told).toEqual(['one?', 'one true', 'two?', 'two true']);
});

describe('what is wrong before anything is made', () => {
  test.each<[string, Partial<MatrixOptions>, RegExp]>([
    ['no start at all', {}, /no start/],
    ['a start that is not there', { fresh: true, only: ['v9'] }, /Start "v9" does not exist/],
    [
      'a check for a start that is not there',
      { fresh: true, checks: [{ ...CHECKS[0], starts: ['v9'] }] },
      /"v9"/,
    ],
    [
      'a name that is taken',
      { fresh: true, starts: { fresh: { sql: 'x.sql' } } },
      /built-in start named "fresh"/,
    ],
    ['a file that is missing', { starts: { old: { sql: 'nowhere.sql' } } }, /"old" needs nowhere\.sql/],
    ['a target that is nothing', { fresh: true, targets: ['nowhere'] }, /"nowhere"/],
    ['a directory', { fresh: true, on: 'pglite:.revgraph/db' }, /not in \.revgraph/],
  ])('%s', async (_, options, message) => {
    await expect(walk(options)).rejects.toMatchObject({
      exitValue: 2,
      message: expect.stringMatching(message),
    });
  });

  test('SQL that is none, a dump that only psql understands, a transaction left open: that start fails, the others go on', async () => {
    const other = folderWith({
      'bad.sql': 'CREATE TABEL t ();',
      'copy.sql': '\\restrict abc\nCREATE TABLE t (id int);\nCOPY t FROM stdin;\n1\n\\.\n',
      'open.sql': 'BEGIN; CREATE TABLE t (id int);',
    });
    const { paths, ok } = await walk({
      starts: Object.fromEntries(
        ['bad', 'copy', 'open'].map((name) => [name, { sql: `${other}/${name}.sql` }]),
      ),
      fresh: true,
    });
    expect(ok).toBe(false);
    expect(paths.map(({ start: name, failures }) => [name, failures[0]?.code ?? null])).toEqual([
      ['bad', 'statement_unparsable'],
      ['copy', 'statement_refused'],
      ['open', 'restore_failed'],
      ['fresh', null],
    ]);
    expect(paths[1]?.failures[0]?.message).toMatch(/copy\.sql:3: COPY/);
    expect(paths[2]?.failures[0]?.message).toContain('leaves a transaction open');
  });

  test('a server that does not answer, without its password', async () => {
    const error = await walk({
      on: 'postgresql://me:secret-word@127.0.0.1:1/db',
      starts: { old: start() },
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'connection_refused' });
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('secret-word');
  });
});
