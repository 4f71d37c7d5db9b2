import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defineRevision, type Event, isRevgraphError, type Revision, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { tableRevision } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';
import { countingProxy } from '../support/proxy.js';

/* A revision that is nothing but statements goes to the server as one message, and its COMMIT with that of the next one. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const chain = (count: number): Revision[] =>
  Array.from({ length: count }, (_, n) => tableRevision(`r${n}`, n === 0 ? [] : [`r${n - 1}`]));

test('one round trip for each, however many statements it has', async () => {
  const proxy = await countingProxy(database.url);
  const tripsOf = async (revisions: Revision[]): Promise<number> => {
    const before = proxy.roundTrips();
    await upgrade({ revisions, database: proxy.url });
    return proxy.roundTrips() - before;
  };
  const few = await tripsOf(chain(2));
  expect((await tripsOf(chain(12))) - (await tripsOf(chain(14)))).toBe(8);
  const many = defineRevision({
    revision: 'many',
    revises: 'r13',
    upgrade: Array.from({ length: 50 }, (_, n) => `INSERT INTO t_r0 VALUES (${n})`).join(';'),
  });
  expect(await tripsOf([...chain(14), many])).toBeLessThanOrEqual(few);
  const [entry] = await database.query(
    "SELECT ms BETWEEN 0 AND 5000 AS ms, finished_at >= started_at AS later, rows_to, outcome FROM revgraph_ledger WHERE revision = 'many'",
  );
  expect(entry).toEqual({ ms: true, later: true, rows_to: ['many'], outcome: 'done' });
});

describe('a step that goes ahead with the COMMIT before it', () => {
  const of = (revisions: readonly Revision[]) => ({ revisions, database: database.url });
  const standing = () =>
    database
      .query('SELECT revision, outcome FROM revgraph_ledger ORDER BY entry')
      .then((rows) => rows.map(({ revision, outcome }) => `${revision} ${outcome}`));

  test('fails by itself: what was before it stands, and its error is its own', async () => {
    const [a, b, c] = chain(3) as [Revision, Revision, Revision];
    const bad = defineRevision({ revision: 'bad', revises: 'r2', upgrade: 'CREATE TABLE u ();\nSELECT 1/0' });
    const last = tableRevision('last', ['bad']);
    await expect(upgrade(of([a, b, c, bad, last]))).rejects.toMatchObject({
      code: 'step_failed',
      message: expect.stringContaining('bad'),
      details: { applied: ['r0', 'r1', 'r2'], place: { statement: 'SELECT 1/0' } },
    });
    expect(await standing()).toEqual(['r0 done', 'r1 done', 'r2 done', 'bad failed']);
    expect(await database.query("SELECT to_regclass('u')::text AS u")).toEqual([{ u: null }]);
  });

  /** Makes the server do something at the COMMIT of a revision, when even the end of its step has passed. */
  const atCommitOf = async (revision: string, body: string): Promise<void> => {
    await upgrade(of(chain(1)));
    await database.query(
      `CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NULL; END $$`,
    );
    await database.query(`CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON revgraph_ledger DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (NEW.revision = '${revision}' AND NEW.outcome = 'done') EXECUTE FUNCTION at_commit()`);
  };

  test.each([
    [
      'fails',
      "RAISE EXCEPTION 'not now';",
      { code: 'step_failed', details: { sqlstate: 'P0001', remains: 'nothing' } },
    ],
    [
      'takes the connection with it',
      'PERFORM pg_terminate_backend(pg_backend_pid());',
      { code: 'step_failed', details: { sqlstate: '57P01' } },
    ],
  ])('is not run where that COMMIT %s', async (_, body, expected) => {
    await atCommitOf('r3', body);
    await database.query('CREATE SEQUENCE witness');
    const witness = tableRevision('r4', ['r3'], {
      upgrade: "CREATE TABLE t_r4 (); SELECT nextval('witness')",
    });
    const error = await upgrade(of(chain(6).map((one) => (one.revision === 'r4' ? witness : one)))).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject(expected);
    expect(error).toMatchObject({
      message: expect.stringContaining('r3'),
      details: { applied: ['r1', 'r2'] },
    });
    expect(
      await database.query("SELECT to_regclass('t_r3')::text AS a, to_regclass('t_r4')::text AS b"),
    ).toEqual([{ a: null, b: null }]);
    expect((await standing()).filter((line) => line.endsWith('done'))).toEqual([
      'r0 done',
      'r1 done',
      'r2 done',
    ]);
    // Nor did it do what no rollback takes back.
    expect(await database.query('SELECT is_called FROM witness')).toEqual([{ is_called: false }]);
    await database.query('DROP TRIGGER at_commit ON revgraph_ledger');
    expect((await upgrade(of(chain(6)))).to).toEqual(['r5']);
  });

  test('that only the server can not parse leaves the one before it alone', async () => {
    const wrong = defineRevision({
      revision: 'wrong',
      revises: 'r2',
      upgrade: 'SELECT 1;\nEXPLAIN (NOSUCH) SELECT 1',
    });
    const deeper = defineRevision({
      revision: 'deeper',
      revises: 'r2',
      upgrade: `${'INSERT INTO t_r0 VALUES (1);\n'.repeat(3_000)}INSERT INTO t_r0 VALUES (1 1);`,
    });
    for (const [revision, line] of [
      [wrong, 2],
      [deeper, 3_001],
    ] as const) {
      const notices: Event[] = [];
      const error = await upgrade({
        ...of([...chain(3), revision]),
        onEvent: (event) => event.type === 'notice' && notices.push(event),
      }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'step_failed',
        details: { failed: revision.revision, remains: 'nothing', place: { line } },
      });
      expect(notices).toEqual([]);
    }
    expect((await standing()).filter((line) => line.endsWith('done'))).toEqual([
      'r0 done',
      'r1 done',
      'r2 done',
    ]);
  });

  test('does not delay the word of the one before it', async () => {
    const slow = defineRevision({ revision: 'slow', revises: 'r2', upgrade: 'SELECT pg_sleep(1)' });
    const finished: number[] = [];
    const begun = performance.now();
    await upgrade({
      ...of([...chain(3), slow]),
      onEvent: (event) => {
        if (event.type === 'step-finished') finished.push(performance.now() - begun);
      },
    });
    expect((finished[3] as number) - (finished[2] as number)).toBeGreaterThan(700);
  });

  test('is taken back where the run is aborted in between', async () => {
    const slow = defineRevision({
      revision: 'slow',
      revises: 'r2',
      upgrade: 'CREATE TABLE t_slow ();\nSELECT pg_sleep(0.3)',
    });
    const abort = new AbortController();
    const started: string[] = [];
    const error = await upgrade({
      ...of([...chain(3), slow]),
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'step-started') started.push(event.revision);
        if (event.type === 'step-finished' && event.revision === 'r2') abort.abort();
      },
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'aborted',
      details: { applied: ['r0', 'r1', 'r2'], remaining: ['slow'] },
    });
    expect(started).toEqual(['r0', 'r1', 'r2']);
    expect(await database.query("SELECT to_regclass('t_slow')::text AS t")).toEqual([{ t: null }]);
    expect(await standing()).toEqual(['r0 done', 'r1 done', 'r2 done']);
  });

  test('tells its notices as its own, behind the word that it has begun', async () => {
    const noisy = (revision: string, revises: string) =>
      defineRevision({ revision, revises, upgrade: `DO $$ BEGIN RAISE NOTICE 'of ${revision}'; END $$` });
    const told: string[] = [];
    await upgrade({
      ...of([...chain(2), noisy('x', 'r1'), noisy('y', 'x'), noisy('z', 'y')]),
      onEvent: (event) => {
        if (event.type === 'notice') told.push(`${event.revision}: ${event.message}`);
        if (event.type === 'step-started' || event.type === 'step-finished')
          told.push(`${event.type} ${event.revision}`);
      },
    });
    expect(told.slice(4)).toEqual(
      ['x', 'y', 'z'].flatMap((id) => [`step-started ${id}`, `${id}: of ${id}`, `step-finished ${id}`]),
    );
  });

  test('a lock that is not to be had is tried for again, by that step alone', async () => {
    const holder = new pg.Client({ connectionString: database.url });
    // The database is dropped under it.
    holder.on('error', () => {});
    await holder.connect();
    await database.query('CREATE TABLE held (id int)');
    await holder.query('BEGIN; LOCK TABLE held');
    const blocked = defineRevision({
      revision: 'blocked',
      revises: 'r2',
      upgrade: 'ALTER TABLE held ADD n int',
    });
    const retried: number[] = [];
    const done = await upgrade({
      ...of([...chain(3), blocked, tableRevision('last', ['blocked'])]),
      lockTimeoutMs: 50,
      onEvent: (event) => {
        if (event.type !== 'step-retried') return;
        retried.push(event.attempt);
        void holder.query('ROLLBACK');
      },
    });
    expect([done.to, retried]).toEqual([['last'], [1]]);
    expect(await standing()).toEqual(['r0', 'r1', 'r2', 'blocked', 'last'].map((id) => `${id} done`));
  });
});

test('n revisions take n round trips and seven more', async () => {
  const proxy = await countingProxy(database.url);
  await upgrade({ revisions: chain(30), database: proxy.url });
  expect(proxy.roundTrips()).toBeLessThanOrEqual(30 + 7);
});

describe('the statement that failed is told with its line', () => {
  const failing = async (body: string, more: object = {}) => {
    const folder = folderWith({ 'a.sql': sql('a', { upgrade: body, downgrade: 'SELECT 1;' }) });
    const error = await upgrade({ revisions: folder, database: database.url, ...more }).catch(
      (thrown: unknown) => thrown,
    );
    if (!isRevgraphError(error, 'step_failed')) throw error;
    const { place, sqlstate, remains } = error.details;
    expect(remains).toBe('nothing');
    expect(await database.query("SELECT to_regclass('t')::text AS t")).toEqual([{ t: null }]);
    const [entry] = await database.query(
      "SELECT outcome, statement FROM revgraph_ledger WHERE revision = 'a'",
    );
    expect(entry).toEqual({ outcome: 'failed', statement: place?.statement ?? null });
    return [sqlstate, place?.line ?? null, place?.statement ?? null];
  };

  test.each([
    [
      'where the server says no position',
      'CREATE TABLE t (id int PRIMARY KEY);\n\nINSERT INTO t VALUES (1);\nINSERT INTO t\n  VALUES (1);\nSELECT 1;',
      ['23505', 9, 'INSERT INTO t\n  VALUES (1)'],
    ],
    [
      'where it does, behind characters of several bytes',
      "CREATE TABLE t (v text);\nINSERT INTO t VALUES ('ä😀ö');\n-- 😀\nSELECT 'é',\n  nosuch(1);",
      ['42883', 10, "SELECT 'é',\n  nosuch(1)"],
    ],
    [
      'behind a comment at the end of a statement',
      'CREATE TABLE t (id int) -- not the end;\n;\nSELECT 1/0 -- nor this\n;',
      ['22012', 8, 'SELECT 1/0 -- nor this'],
    ],
    [
      'put off to the end of the step',
      'CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t VALUES (1), (1);',
      ['23505', null, null],
    ],
  ])('%s', async (_, body, expected) => {
    expect(await failing(body)).toEqual(expected);
  });

  test('a timeout counts for each statement, not for all of them', async () => {
    const slow = 'SELECT pg_sleep(0.4);\n'.repeat(3);
    await upgrade({
      revisions: folderWith({ 'b.sql': sql('b', { upgrade: slow, downgrade: 'SELECT 1;' }) }),
      database: database.url,
      statementTimeoutMs: 1_000,
    });
    await database.query('DROP TABLE revgraph_version, revgraph_ledger');
    expect(await failing('SELECT 1;\nSELECT pg_sleep(5);', { statementTimeoutMs: 300 })).toEqual([
      '57014',
      7,
      'SELECT pg_sleep(5)',
    ]);
  });
});

test('a step that is left without the lock of the run is taken back', async () => {
  const lets = defineRevision({
    revision: 'lets',
    revises: 'r0',
    upgrade: 'CREATE TABLE u ();\nSELECT pg_advisory_unlock_all()',
  });
  await expect(upgrade({ revisions: [...chain(1), lets], database: database.url })).rejects.toMatchObject({
    code: 'step_failed',
    message: expect.stringContaining('lock'),
  });
  const found = await database.query(
    "SELECT to_regclass('u')::text AS u, array_agg(revision) AS rows FROM revgraph_version",
  );
  expect(found).toEqual([{ u: null, rows: ['r0'] }]);
});

test('what is read otherwise behind a setting is read as it is in its file', async () => {
  const folder = folderWith({
    'a.sql': sql('a', {
      upgrade: "SET standard_conforming_strings = off;\nCREATE TABLE t AS SELECT 'a\\\\b' AS v;",
      downgrade: 'DROP TABLE t;',
    }),
    'b.sql': sql('b', { revises: 'a', upgrade: "INSERT INTO t SELECT 'a\\b';", downgrade: 'SELECT 1;' }),
  });
  await upgrade({ revisions: folder, database: database.url });
  expect(await database.query('SELECT DISTINCT v FROM t')).toEqual([{ v: 'a\\b' }]);
});

describe('where the database itself reads strings otherwise', () => {
  // One statement that goes on to the last quote, if they are sent as one text.
  const hostile =
    "CREATE TABLE t (v text);\nINSERT INTO t VALUES ('x\\');\nINSERT INTO t VALUES (' || ');\nINSERT INTO t VALUES ('1') -- ')\n";

  test.each([
    ['in one message', ''],
    ['with a check', '-- @verify "x"\nSELECT true;\n'],
  ])('statements do not run into each other: %s', async (_, more) => {
    const revisions = folderWith({ 'a.sql': `${sql('a', { upgrade: hostile })}${more}` });
    await database.query(
      `ALTER DATABASE "${new URL(database.url).pathname.slice(1)}" SET standard_conforming_strings = off`,
    );
    const error = await upgrade({ revisions, database: database.url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'step_failed',
      details: { place: { statement: "INSERT INTO t VALUES ('x\\')" } },
    });
    expect(await database.query("SELECT to_regclass('t')::text AS t")).toEqual([{ t: null }]);
  });
});

describe('many statements that change rows', () => {
  const rows = (count: number): string =>
    Array.from(
      { length: count },
      (_, n) => `INSERT INTO t VALUES (${n}, 'row ${n} ${'x'.repeat(60)}');`,
    ).join('\n');
  const begin = 'CREATE TABLE t (id int PRIMARY KEY, v text);\n';
  // A step with a check is not one message.
  const checked = (upgradeText: string): string =>
    folderWith({
      'a.sql': `${sql('a', { upgrade: upgradeText, downgrade: 'DROP TABLE t;' })}\n-- @verify "x"\nSELECT true;\n`,
    });

  test('go many at once', async () => {
    const proxy = await countingProxy(database.url);
    await upgrade({ revisions: checked(begin + rows(3000)), database: proxy.url });
    expect(proxy.roundTrips()).toBeLessThan(60);
    expect(await database.query('SELECT count(*)::int AS n, sum(id)::int AS ids FROM t')).toEqual([
      { n: 3000, ids: 4_498_500 },
    ]);
  });

  test.each([
    ['a row that is there', "INSERT INTO t VALUES (7,\n 'again');", '23505', 2507],
    ['what is no SQL', 'INSERT INTO t VALUES (7,\n 1 1);', '42601', 2508],
    ['a missing table', 'DELETE FROM\n nosuch;', '42P01', 2508],
  ])('the one that fails is told with its line, and nothing stays: %s', async (_, wrong, sqlstate, line) => {
    const text = `${begin}${rows(2500)}\n${wrong}\nDELETE FROM t;`;
    const error = await upgrade({ revisions: checked(text), database: database.url }).catch(
      (thrown: unknown) => thrown,
    );
    if (!isRevgraphError(error, 'step_failed')) throw error;
    expect(error.details).toMatchObject({
      sqlstate,
      remains: 'nothing',
      place: { statement: wrong.slice(0, -1), line },
    });
    expect(await database.query("SELECT to_regclass('t')::text AS t")).toEqual([{ t: null }]);
  });

  test('behind SET standard_conforming_strings = off, strings are read as it says', async () => {
    const set = 'SET standard_conforming_strings = off;\n';
    const text = `${begin}${set}INSERT INTO t VALUES (1, 'it\\'s; so');\nINSERT INTO t VALUES (2, 'a\\\\');\n`;
    await upgrade({ revisions: checked(text), database: database.url });
    expect(await database.query('SELECT v FROM t ORDER BY id')).toEqual([{ v: "it's; so" }, { v: 'a\\' }]);
  });
});

describe('settings that stand for the steps behind them', () => {
  const SETTINGS = `SELECT ${['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'client_connection_check_interval'].map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`;

  test('hold in every one of them', async () => {
    const revisions = [...chain(4), tableRevision('blocked', ['r3'])];
    const holder = new pg.Client(database.url);
    await holder.connect();
    await database.query('CREATE TABLE held (id int)');
    await holder.query('BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE');
    const drop = defineRevision({ revision: 'drop', revises: 'blocked', upgrade: 'DROP TABLE held' });
    await expect(
      upgrade({ revisions: [...revisions, drop], database: database.url, lockTimeoutMs: 50, lockRetries: 0 }),
    ).rejects.toMatchObject({ code: 'step_failed', details: { sqlstate: '55P03' } });
    await holder.end();
  });

  test('are gone before code, before what runs outside a transaction, and behind the last one', async () => {
    const seen: unknown[] = [];
    const code = defineRevision({
      revision: 'code',
      revises: 'r3',
      upgrade: async ({ db }) => {
        seen.push((await db.query(SETTINGS)).rows[0]?.idle_in_transaction_session_timeout);
      },
      downgrade: async () => {},
    });
    const outside = defineRevision({
      revision: 'outside',
      revises: 'x2',
      transaction: 'none',
      upgrade: "CREATE TABLE o AS SELECT current_setting('idle_in_transaction_session_timeout') AS idle",
    });
    const [before] = await database.query(SETTINGS);
    const behind = ['y1', 'y2', 'y3'].map((id, n, all) =>
      tableRevision(id, [n === 0 ? 'outside' : (all[n - 1] as string)]),
    );
    await upgrade({
      revisions: [
        ...chain(4),
        code,
        tableRevision('x1', ['code']),
        tableRevision('x2', ['x1']),
        outside,
        ...behind,
      ],
      database: database.url,
      hooks: { afterRun: async ({ db }) => void seen.push((await db.query(SETTINGS)).rows[0]) },
    });
    expect(seen).toEqual(['0', before]);
    expect(await database.query('SELECT idle FROM o')).toEqual([{ idle: '0' }]);
  });
});
