import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type BatchDefinition,
  defineRevision,
  downgrade,
  type Event,
  forgetBackfill,
  type RevisionContext,
  type RevisionDefinition,
  stamp,
  upgrade,
} from '../../lib/index.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* One revision with batches over a table of 2,500 rows, on a real server. */

let database: TestDatabase;
let events: Event[];
beforeEach(async () => {
  events = [];
  database = await freshDatabase();
  await database.query("CREATE TABLE t (id int PRIMARY KEY, a int, b text, meta jsonb DEFAULT '{}')");
  await database.query('INSERT INTO t (id, a) SELECT n, n FROM generate_series(1, 2500) n');
});
afterEach(() => database.drop());

interface Row extends Record<string, unknown> {
  readonly id: number;
  readonly a: number;
}

const revision = (more: Partial<RevisionDefinition>) => defineRevision({ revision: 'fill', ...more });
const filling = (definition: Omit<BatchDefinition<Row>, 'key'> & { key?: BatchDefinition['key'] }) =>
  revision({
    upgrade: ({ batches }) => batches<Row>({ table: 't', key: 'id', ...definition } as BatchDefinition<Row>),
    downgrade: ({ undo }) => undo(),
  });
const options = (one: ReturnType<typeof revision>) => ({
  revisions: [one],
  database: database.url,
  onEvent: (event: Event) => void events.push(event),
});
const count = async (condition: string) =>
  Number((await database.query(`SELECT count(*) AS n FROM t WHERE ${condition}`))[0]?.n);
const rows = async () =>
  (await database.query('SELECT t::text AS row FROM t ORDER BY id')).map(({ row }) => row);
const state = async () =>
  (
    await database.query(
      'SELECT state, scanned::int, changed::int, skipped::int, failed::int, size, batches::int FROM revgraph_backfill',
    )
  )[0];

describe('change', () => {
  const fill = filling({
    mark: 'meta.by',
    change: async ({ a }, { skip }) =>
      a % 10 === 0 ? skip('round') : { set: { b: `v${a}` }, merge: { meta: { x: a } } },
  });

  test('sets, merges, skips and counts; the ledger has the numbers; undo brings every byte back', async () => {
    await database.query(
      `UPDATE t SET meta = CASE id % 3 WHEN 0 THEN NULL WHEN 1 THEN '{"k": [1, 2]}'::jsonb ELSE '{}' END`,
    );
    const before = await rows();
    await upgrade(options(fill));
    expect(await count("b = 'v' || a AND meta ->> 'by' = 'fill' AND (meta ->> 'x')::int = a")).toBe(2250);
    const [entry] = await database.query('SELECT statistics FROM revgraph_ledger');
    expect(entry).toMatchObject({
      statistics: {
        backfills: [{ scanned: 2500, changed: 2250, skipped: 250, failed: 0, reasons: { round: 250 } }],
      },
    });
    const [last] = events.filter(({ type }) => type === 'backfill-progress').slice(-1);
    expect(last).toMatchObject({ total: 2500, scanned: 2500, changed: 2250, etaMs: 0, lastKey: ['2500'] });
    await downgrade({ ...options(fill), target: 'base' });
    expect(await rows()).toEqual(before);
    expect(await database.query('SELECT * FROM revgraph_backfill')).toEqual([]);
    await upgrade(options(fill));
    expect(await count("meta ->> 'by' = 'fill'")).toBe(2250);
  });

  test('columns whose names have dots and quotes are taken back as well', async () => {
    await database.query('ALTER TABLE t ADD "b.c" text, ADD "d""e" text, ADD "j.k" jsonb, ADD "at.by" text');
    const before = await rows();
    const dotted = filling({
      mark: { column: 'at.by' },
      change: () => ({ set: { 'b.c': 'x', 'd"e': 'y' }, merge: { 'j.k': { 'l.m': 1 } } }),
    });
    await upgrade(options(dotted));
    expect(await count(`"b.c" = 'x' AND "d""e" = 'y' AND ("j.k" ->> 'l.m')::int = 1`)).toBe(2500);
    await downgrade({ ...options(dotted), target: 'base' });
    expect(await rows()).toEqual(before);
  });

  test('with a mark, what is there stays: an undo could not bring it back', async () => {
    await database.query(
      "UPDATE t SET b = 'mine' WHERE id IN (1, 2); UPDATE t SET meta = '[1]' WHERE id = 3",
    );
    const before = await rows();
    await upgrade(options(fill));
    expect(await state()).toMatchObject({ changed: 2247, skipped: 253 });
    expect(await count("b = 'mine' AND NOT meta ? 'by'")).toBe(2);
    await downgrade({ ...options(fill), target: 'base' });
    expect(await rows()).toEqual(before);
  });

  test('a row that changes between its decision and its transaction is decided anew', async () => {
    const writer = new pg.Client({ connectionString: database.url });
    await writer.connect();
    const seen: number[] = [];
    const double = filling({
      size: 50,
      maxSize: 50,
      change: async ({ id, a }) => {
        if (id === 25 && a === 25) {
          await writer.query('UPDATE t SET a = 1000 WHERE id IN (20, 25)');
          await writer.query('DELETE FROM t WHERE id = 30');
        }
        if (id === 20) seen.push(a);
        return { set: { b: String(a * 2) } };
      },
    });
    await upgrade(options(double));
    await writer.end();
    expect(await count('b = (a * 2)::text')).toBe(2499);
    expect(seen).toEqual([20, 1000]);
    expect(await state()).toMatchObject({ scanned: 2500, changed: 2499, skipped: 1 });
  });

  test('a row whose code throws goes into quarantine by itself; a column that is not there is told', async () => {
    const odd = filling({
      change: ({ a }) => {
        if (a === 7) throw new Error('seven');
        return { set: { b: 'x' } };
      },
    });
    await expect(upgrade(options(odd))).rejects.toMatchObject({
      code: 'backfill_incomplete',
      details: { failed: 1, rows: [{ key: ['7'], error: 'seven' }] },
    });
    expect(await count("b = 'x'")).toBe(2499);
    await database.query('DELETE FROM revgraph_backfill; DELETE FROM revgraph_quarantine');
    const wrong = filling({ name: 'wrong', change: () => ({ set: { c: 1 } }) });
    await expect(upgrade(options(wrong))).rejects.toMatchObject({
      code: 'backfill_invalid',
      message: expect.stringContaining('sets c'),
    });
  });

  test.each([
    [() => 'x' as never, /returned a string/],
    [() => [] as never, /returned an object that is not plain/],
    [() => ({ n: 'x' }) as never, /returned the unknown keys n\./],
    [() => ({ set: null }) as never, /not an object/],
    [() => ({ merge: { meta: [1] } }) as never, /not an object/],
    [() => ({ merge: { b: { x: 1 } } }), /merges into b, which is not jsonb/],
    [() => ({ set: { b: undefined } }), /returned b as undefined/],
    [() => ({ set: { id: 5 } }), /sets id, which is part of the key/],
  ])('an answer that says something else than it means: %s', async (change, message) => {
    const before = await rows();
    const error = await upgrade(options(filling({ change }))).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'backfill_invalid', message: expect.stringMatching(message) });
    expect(await rows()).toEqual(before);
  });

  test('with a mark, every row fills the same: undo would empty what it did not fill', async () => {
    const uneven = filling({
      mark: 'meta.by',
      change: ({ a }) => ({ set: { b: 'x' }, ...(a === 9 ? { merge: { meta: { y: 1 } } } : {}) }),
    });
    await expect(upgrade(options(uneven))).rejects.toMatchObject({
      code: 'backfill_invalid',
      message: expect.stringContaining('fills b, meta.y in row 9 and b in others'),
    });
    expect(await count('b IS NOT NULL')).toBe(0);
  });

  test('merge only goes into objects, and into nothing', async () => {
    await database.query(
      `UPDATE t SET meta = '[1]' WHERE id = 1; UPDATE t SET meta = 'null' WHERE id = 2; UPDATE t SET meta = NULL WHERE id = 3`,
    );
    await upgrade(options(filling({ where: 'id <= 4', change: () => ({ merge: { meta: { x: 1 } } }) })));
    expect(
      (await database.query('SELECT meta FROM t WHERE id <= 4 ORDER BY id')).map(({ meta }) => meta),
    ).toEqual([[1], null, { x: 1 }, { x: 1 }]);
    expect(await state()).toMatchObject({ changed: 2, skipped: 2 });
  });

  test('values of every kind arrive as they are', async () => {
    await database.query(
      'CREATE TABLE v (id int PRIMARY KEY, d timestamptz, l timestamp, j jsonb, l2 text[], n numeric, x bytea)',
    );
    await database.query('INSERT INTO v VALUES (1)');
    const at = new Date('2024-03-01T10:20:30.456Z');
    const values = {
      d: at,
      l: at,
      j: { s: "a 'b'" },
      l2: ['x', 'y,z'],
      n: 12345678901234567890n,
      x: Buffer.from([0, 255]),
    };
    const r = revision({
      upgrade: ({ batches }) => batches({ table: 'v', key: 'id', change: () => ({ set: values }) }),
    });
    await upgrade(options(r));
    const [row] = await database.query('SELECT * FROM v');
    expect(row).toEqual({ id: 1, ...values, n: '12345678901234567890' });
  });
});

describe('run', () => {
  const divide = filling({
    run: (some, { db }) =>
      db.query('UPDATE t SET b = (10 / (a - 777))::text WHERE id = ANY($1)', [some.map(({ id }) => id)]),
  });

  test('a bad row is split out, the rest goes on; mended, the same command completes it', async () => {
    await expect(upgrade(options(divide))).rejects.toMatchObject({
      code: 'backfill_incomplete',
      exitValue: 4,
      details: { failed: 1, rows: [{ key: ['777'], error: 'division by zero' }] },
    });
    expect(await count('b IS NOT NULL')).toBe(2499);
    expect(await database.query('SELECT outcome FROM revgraph_ledger')).toEqual([{ outcome: 'failed' }]);
    await database.query('UPDATE t SET a = 0 WHERE id = 777');
    await upgrade(options(divide));
    expect(await count('b IS NOT NULL')).toBe(2500);
    expect(await state()).toMatchObject({ state: 'finished', scanned: 2500, changed: 2500, failed: 0 });
  });

  test('a run in which every row fails stops early', async () => {
    const never = filling({ run: () => Promise.reject(new Error('no')) });
    await database.query('INSERT INTO t (id, a) SELECT n, n FROM generate_series(2501, 5000) n');
    await expect(upgrade(options(never))).rejects.toMatchObject({ details: { failed: 1000, stopped: true } });
  });

  test('a batch that takes too long is halved until it fits', async () => {
    const slow = filling({
      where: 'id <= 200',
      size: 200,
      statementTimeoutMs: 100,
      targetMs: 10_000,
      run: (some, { db }) =>
        db.query('UPDATE t SET b = pg_sleep(0.001)::text WHERE id = ANY($1)', [some.map(({ id }) => id)]),
    });
    await upgrade(options(slow));
    expect(await state()).toMatchObject({ scanned: 200, changed: 200, failed: 0 });
    expect((await state())?.batches).toBeGreaterThan(2);
  });

  test('what others change meanwhile is as they left it: rows are locked and read again', async () => {
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    const slow = filling({
      where: "b IS NULL OR b = 'mine'",
      size: 2500,
      run: (some, { db }) =>
        db.updateMany(
          't',
          some.map(({ id, a }) => ({ id, a: a + 1 })),
          { key: 'id' },
        ),
    });
    await other.query(
      "BEGIN; UPDATE t SET a = 1000 WHERE id = 5; UPDATE t SET b = 'done' WHERE id = 6; DELETE FROM t WHERE id = 7",
    );
    const running = upgrade(options(slow));
    await new Promise((next) => setTimeout(next, 400));
    await other.query('COMMIT');
    await running;
    await other.end();
    expect(await database.query('SELECT id, a FROM t WHERE id BETWEEN 4 AND 8 ORDER BY id')).toEqual([
      { id: 4, a: 5 },
      { id: 5, a: 1001 },
      { id: 6, a: 6 },
      { id: 8, a: 9 },
    ]);
    expect(await state()).toMatchObject({ changed: 2498, skipped: 2 });
  });

  test('groups are never in two batches', async () => {
    await database.query('CREATE TABLE g (k int, id int, PRIMARY KEY (k, id))');
    await database.query(
      'INSERT INTO g SELECT n / 30, n FROM generate_series(1, 600) n; INSERT INTO g SELECT 5, n FROM generate_series(1000, 1200) n',
    );
    const batches: number[][] = [];
    const r = revision({
      upgrade: (context) =>
        context.batches<{ k: number; id: number }>({
          table: 'g',
          key: ['k', 'id'],
          group: 1,
          size: 45,
          maxSize: 45,
          run: (some) => void batches.push([...new Set(some.map(({ k }) => k))]),
        }),
    });
    await upgrade(options(r));
    expect(batches.flat()).toEqual([...new Set(batches.flat())]);
    expect(batches.flat()).toHaveLength(21);
  });

  test('what it creates is counted, carries its mark, and is deleted by undo alone', async () => {
    await database.query(
      'CREATE TABLE made (id int, by text); INSERT INTO made VALUES (0, NULL), (1, $$other$$)',
    );
    const make = filling({
      creates: [{ table: 'made', column: 'by' }],
      run: async (some, { db, created, revision: by }) => {
        const { inserted } = await db.insertMany(
          'made',
          some.map(({ id }) => ({ id, by })),
        );
        created('made', inserted);
      },
    });
    await upgrade(options(make));
    const [entry] = await database.query('SELECT statistics FROM revgraph_ledger');
    expect(entry).toMatchObject({ statistics: { backfills: [{ created: { made: 2500 } }] } });
    await downgrade({ ...options(make), target: 'base' });
    expect(await database.query('SELECT * FROM made ORDER BY id')).toEqual([
      { id: 0, by: null },
      { id: 1, by: 'other' },
    ]);
  });

  test('statistics go into a table of the user’s, into the columns that bear their names', async () => {
    await database.query('CREATE TABLE runs (name text, changed int, statistics jsonb, note text)');
    await upgrade(options(filling({ audit: 'runs', run: () => undefined })));
    expect(await database.query('SELECT * FROM runs')).toMatchObject([
      { name: 't', changed: 2500, statistics: { scanned: 2500 }, note: null },
    ]);
  });
});

describe('a @batch section', () => {
  const text = (tag: string, statement: string) =>
    sql('fill', { more: `-- @batch "fill b" table t key id size 300 ${tag}\n${statement}` });
  const project = (tag: string, statement: string) => ({
    revisions: folderWith({ 'fill.sql': text(tag, statement) }),
    database: database.url,
  });

  test('fills, and its downgrade is made of the mark', async () => {
    await database.query("UPDATE t SET b = 'mine' WHERE id <= 100");
    const before = await rows();
    const fill = project(
      'where "a % 2 = 0" fills b mark meta.filled',
      `WITH names AS (SELECT id, 'n' || a AS name FROM t)
       UPDATE t SET b = names.name, meta = t.meta || '{"filled": "fill"}' FROM batch JOIN names USING (id) WHERE t.id = batch.id;`,
    );
    await upgrade(fill);
    expect(await count("b = 'n' || a AND meta ? 'filled'")).toBe(1200);
    await downgrade({ ...fill, target: 'base' });
    expect(await rows()).toEqual(before);
  });

  test('begins the transaction of its step behind its last batch; a check that fails there leaves the row', async () => {
    const client = new pg.Client({ connectionString: database.url });
    const begun: string[][] = [];
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    client.query = ((...given: unknown[]) => {
      const text = String((given[0] as { text?: string }).text ?? given[0]);
      if (text.startsWith('BEGIN')) begun.push([]);
      begun.at(-1)?.push(text);
      return query(...given);
    }) as typeof client.query;
    await client.connect();
    // A failure leaves it to the end of its database.
    client.on('error', () => {});
    const body = '-- @batch table t key id size 1000 mark meta.filled\n';
    const statement = `UPDATE t SET meta = meta || '{"filled": "fill"}' FROM batch WHERE t.id = batch.id;`;
    const filled = '-- @verify "b is there" expect 0\nSELECT count(*) FROM t WHERE b IS NULL;\n';
    const revisions = folderWith({ 'fill.sql': sql('fill', { more: `${body}${statement}\n${filled}` }) });
    await expect(upgrade({ revisions, database: client })).rejects.toMatchObject({
      code: 'step_failed',
      details: { reason: expect.stringContaining('verify "b is there"'), remains: 'batches' },
    });
    expect(await count("meta ? 'filled'")).toBe(2500);
    expect(begun.flat().filter((text) => text.includes('pg_current_xact_id_if_assigned'))).toEqual([]);
    await database.query("UPDATE t SET b = 'x'");
    expect((await upgrade({ revisions, database: client })).to).toEqual(['fill']);
    await client.end();
  });

  test.each([
    ['INSERT INTO t VALUES (1); DELETE FROM t', 'statement_refused', 'one INSERT, UPDATE, DELETE or MERGE'],
    ['SELECT 1', 'statement_refused', 'one INSERT, UPDATE, DELETE or MERGE'],
  ])('%s is refused', async (statement, code, message) => {
    await expect(upgrade(project('', statement))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['-- @batch key id\nDELETE FROM t;', 'does not name a table'],
    ['-- @batch table t\nDELETE FROM t;', 'does not name a key'],
    ['-- @batch table t key id size many\nDELETE FROM t;', 'has a size that is not a number of rows: many'],
    ['-- @batch table t key id every day\nDELETE FROM t;', 'no number'],
    ['-- @batch "a table t key id\nDELETE FROM t;', 'an unclosed quote'],
    [
      '-- @upgrade\nSELECT 1;\n-- @batch table t key id\nDELETE FROM t;',
      '@batch and @upgrade exclude each other',
    ],
    ['-- @batch table t key id\n', 'is empty'],
  ])('%s', async (more, message) => {
    const revisions = folderWith({ 'fill.sql': sql('fill', { more }) });
    const error = await upgrade({ revisions, database: database.url }).catch((thrown: Error) => thrown);
    if (message === 'no number') expect(error).toMatchObject({ code: 'backfill_invalid' });
    else expect(error).toMatchObject({ code: 'graph_invalid', message: expect.stringContaining(message) });
  });
});

describe('marks', () => {
  test('a statement that does not write the id of the revision could never be taken back', async () => {
    const revisions = folderWith({
      'fill.sql': sql('fill', {
        more: "-- @batch table t key id fills b mark meta.done\nUPDATE t SET b = 'x', meta = '{\"done\": true}' FROM batch WHERE t.id = batch.id;",
      }),
    });
    await expect(upgrade({ revisions, database: database.url })).rejects.toMatchObject({
      code: 'backfill_invalid',
      message: expect.stringContaining(
        "marked 0 of them. It must write the id of the revision, 'fill', to meta.done",
      ),
    });
    expect(await count('b IS NOT NULL')).toBe(0);
  });

  test('a time is a mark only of the time in which the backfill was at work', async () => {
    await database.query('ALTER TABLE t ADD filled timestamptz');
    const fill = filling({ mark: 'filled', where: 'id <= 2400', change: () => ({ set: { b: 'x' } }) });
    await upgrade(options(fill));
    await database.query("UPDATE t SET b = 'mine', filled = now() + interval '1 week' WHERE id > 2450");
    await downgrade({ ...options(fill), target: 'base' });
    expect(await count("b = 'mine'")).toBe(50);
    expect(await count("b = 'x' OR (id <= 2400 AND filled IS NOT NULL)")).toBe(0);
  });
});

describe('refused before anything is done', () => {
  const refused = async (definition: object, message: RegExp) => {
    const error = await upgrade(options(filling(definition as never))).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'backfill_invalid', message: expect.stringMatching(message) });
    expect(await database.query("SELECT 1 FROM pg_class WHERE relname = 'revgraph_backfill'")).toEqual([]);
  };
  const run = () => {};

  test('a key that is not unique, or that there is not', async () => {
    await refused({ key: 'a', run }, /key a of t is not unique or not NOT NULL/);
    await refused({ key: 'nothing', run }, /t has no column nothing for the key/);
    await refused({ table: 'nowhere', run }, /Table nowhere does not exist/);
    await refused({ table: undefined, source: 'SELECT FROM', run }, /The query `source` failed/);
    await database.query('CREATE TABLE heir (PRIMARY KEY (id)) INHERITS (t)');
    await refused({ run }, /key id of t is not unique/);
    await database.query('DROP TABLE heir; ALTER TABLE t ADD l int[] NOT NULL DEFAULT $${1}$$');
    await refused({ key: 'l', run }, /l of t can't be a key, because the type is integer\[\]/);
  });

  test('a definition that says too little or too much', async () => {
    await refused({}, /either change or run/);
    await refused({ source: 'SELECT 1', run }, /either table or source/);
    await refused(
      { run, size: 0, group: 3 },
      /group must be a number of key columns; size must be a whole number over 0/,
    );
    await refused({ run, mark: 'b' }, /mark is only valid with change/);
    await refused({ change: () => null, mark: 'nothing' }, /no column nothing for the mark/);
    await refused({ change: () => null, mark: 'b.key' }, /needs a jsonb column/);
  });

  test('rows that carry the mark already', async () => {
    await database.query(`UPDATE t SET meta = '{"by": "fill"}' WHERE id = 9`);
    const fill = filling({ mark: 'meta.by', change: () => ({ set: { b: 'x' } }) });
    await expect(upgrade(options(fill))).rejects.toMatchObject({ code: 'backfill_marked', exitValue: 4 });
  });

  test('something written before batches() in the same step', async () => {
    const r = revision({
      upgrade: async ({ db, batches }) => {
        await db.query('CREATE TABLE early ()');
        await batches({ table: 't', key: 'id', run });
      },
    });
    await expect(upgrade(options(r))).rejects.toMatchObject({ code: 'backfill_invalid' });
    expect(await database.query("SELECT 1 FROM pg_class WHERE relname = 'early'")).toEqual([]);
  });
});

describe('what code does around its batches', () => {
  const change = () => ({ set: { b: 'x' } });

  test('several, reads before and writes after them; the tail stands or falls with the step', async () => {
    const r = revision({
      upgrade: async ({ db, batches }) => {
        await db.query('SELECT count(*) FROM t');
        await batches({ name: 'one', table: 't', key: 'id', where: 'id <= 100', change });
        const { changed } = await batches({ name: 'two', table: 't', key: 'id', where: 'id > 2400', change });
        await db.query('CREATE TABLE tail AS SELECT $1::int AS n', [changed]);
      },
    });
    await upgrade(options(r));
    expect(await count("b = 'x'")).toBe(200);
    expect(await database.query('SELECT n FROM tail')).toEqual([{ n: 100 }]);
  });

  test('code that does not wait for its batches, or swallows what they throw, is not believed', async () => {
    const forgetful = revision({
      upgrade: ({ batches }: RevisionContext) => {
        void batches({ table: 't', key: 'id', change });
      },
    });
    await upgrade(options(forgetful));
    expect(await count("b = 'x'")).toBe(2500);
    const careless = defineRevision({
      revision: 'careless',
      upgrade: async ({ batches }) => {
        await batches({ table: 't', key: 'a', change }).catch(() => {});
      },
    });
    await expect(upgrade(options(careless as never))).rejects.toMatchObject({ code: 'unknown_row' });
    const other = await freshDatabase();
    await other.query('CREATE TABLE t (id int PRIMARY KEY, a int)');
    await expect(upgrade({ revisions: [careless], database: other.url })).rejects.toMatchObject({
      code: 'backfill_invalid',
    });
    await other.drop();
  });

  test('its own db is not to be had while its batches run: a statement would land in one of them', async () => {
    const mixed = revision({
      upgrade: async ({ db, batches }) => {
        const running = batches({ table: 't', key: 'id', change });
        await db.query('CREATE TABLE between ()');
        await running;
      },
    });
    await expect(upgrade(options(mixed))).rejects.toMatchObject({
      message: expect.stringContaining('used its own db while its batches are running'),
    });
    const closure = revision({
      revision: 'closure',
      upgrade: ({ db, batches }) =>
        batches({ table: 't', key: 'id', run: () => db.query('CREATE TABLE inside ()') }),
    });
    await expect(upgrade(options(closure))).rejects.toMatchObject({ code: 'backfill_invalid' });
    expect(
      await database.query("SELECT relname FROM pg_class WHERE relname IN ('between', 'inside')"),
    ).toEqual([]);
  });

  test('with another schema, everything is looked for there', async () => {
    await database.query(
      'CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY, b text, by text); INSERT INTO s.t SELECT n FROM generate_series(1, 300) n',
    );
    const fill = filling({ mark: 'by', change });
    await upgrade({ ...options(fill), schema: 's' });
    const counted = async () =>
      await database.query('SELECT count(b)::int AS s, (SELECT count(b)::int FROM t) AS t FROM s.t');
    expect(await counted()).toEqual([{ s: 300, t: 0 }]);
    await downgrade({ ...options(fill), schema: 's', target: 'base' });
    expect(await counted()).toEqual([{ s: 0, t: 0 }]);
  });

  test('a table that was made anew, or another name, is not gone on with', async () => {
    const broken = filling({ run: () => Promise.reject(new Error('no')) });
    await upgrade(options(broken)).catch(() => {});
    await database.query(
      'ALTER TABLE t RENAME TO old; CREATE TABLE t (LIKE old INCLUDING ALL); INSERT INTO t SELECT * FROM old',
    );
    const mended = filling({
      run: (some, { db }) => db.query("UPDATE t SET b = 'x' WHERE id = ANY($1)", [some.map(({ id }) => id)]),
    });
    await expect(upgrade(options(mended))).rejects.toMatchObject({ code: 'backfill_changed' });
    const renamed = filling({ name: 'another', run: () => {} });
    await expect(upgrade(options(renamed))).rejects.toMatchObject({
      code: 'backfill_changed',
      details: { name: 't' },
    });
    expect(await forgetBackfill({ ...options(mended), revision: 'fill' })).toEqual({
      revision: 'fill',
      forgotten: 1,
    });
    await upgrade(options(mended));
    expect(await count("b = 'x'")).toBe(2500);
  });

  test('a cursor is not used for other rows than it was made for', async () => {
    const stop = filling({ where: 'id < 2000', run: () => Promise.reject(new Error('no')) });
    await upgrade(options(stop)).catch(() => {});
    const other = filling({ where: 'id < 2100', run: () => {} });
    await expect(upgrade(options(other))).rejects.toMatchObject({ code: 'backfill_changed' });
  });

  test('a revision that was stamped away and comes again begins anew', async () => {
    const again = filling({
      run: (some, { db }) =>
        db.query('UPDATE t SET a = a + 1 WHERE id = ANY($1)', [some.map(({ id }) => id)]),
    });
    await upgrade(options(again));
    await stamp({ ...options(again), target: ['base'], reason: 'test', confirmed: true });
    await upgrade(options(again));
    expect(await count('a = id + 2')).toBe(2500);
  });

  test('rows that come behind the upper bound are not waited for', async () => {
    let added = false;
    const chase = filling({
      size: 100,
      maxSize: 100,
      run: async (_, { db }) => {
        if (!added) await db.query('INSERT INTO t (id, a) SELECT n, n FROM generate_series(2501, 2600) n');
        added = true;
      },
    });
    await upgrade(options(chase));
    expect(await state()).toMatchObject({ scanned: 2500 });
  });
});

describe('considerate', () => {
  const slowly = (throttle: BatchDefinition['throttle']) =>
    filling({ where: 'id <= 300', size: 100, maxSize: 100, throttle, change: () => ({ set: { b: 'x' } }) });

  test('waits until a condition is true, and says so', async () => {
    await database.query('CREATE TABLE go (on_ boolean); INSERT INTO go VALUES (false)');
    const running = upgrade(options(slowly({ when: 'SELECT on_ FROM go' })));
    while (!events.some(({ type }) => type === 'backfill-throttled'))
      await new Promise((next) => setTimeout(next, 20));
    expect(await count("b = 'x'")).toBe(100);
    await database.query('UPDATE go SET on_ = true');
    await running;
    expect(await count("b = 'x'")).toBe(300);
  });

  test('waits while somebody waits for a lock on the table', async () => {
    const [holder, waiter] = [
      new pg.Client({ connectionString: database.url }),
      new pg.Client({ connectionString: database.url }),
    ];
    await Promise.all([holder.connect(), waiter.connect()]);
    await holder.query('BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE');
    const waiting = waiter.query('LOCK TABLE t IN SHARE MODE').catch(() => {});
    const running = upgrade({ ...options(slowly({ waitingLocks: true })), lockTimeoutMs: 60_000 });
    await new Promise((next) => setTimeout(next, 300));
    await holder.query('COMMIT');
    await Promise.all([waiting, running]);
    await Promise.all([holder.end(), waiter.end()]);
    expect(await count("b = 'x'")).toBe(300);
  });

  test('a condition that can not be asked is told', async () => {
    await expect(upgrade(options(slowly({ when: 'SELECT nonsense' })))).rejects.toMatchObject({
      code: 'backfill_invalid',
    });
  });
});

test('the embedded database does the same', async () => {
  const pglite = await freshPGlite();
  await pglite.exec(
    'CREATE TABLE t (id int PRIMARY KEY, a int, b text, meta jsonb); INSERT INTO t (id, a) SELECT n, n FROM generate_series(1, 500) n',
  );
  const fill = filling({ mark: 'meta.by', size: 100, change: ({ a }) => ({ set: { b: `v${a}` } }) });
  await upgrade({ revisions: [fill], database: pglite });
  expect((await pglite.query("SELECT count(*)::int AS n FROM t WHERE b = 'v' || a")).rows).toEqual([
    { n: 500 },
  ]);
  await downgrade({ revisions: [fill], database: pglite, target: 'base' });
  expect(
    (await pglite.query('SELECT count(*)::int AS n FROM t WHERE b IS NULL AND meta IS NULL')).rows,
  ).toEqual([{ n: 500 }]);
  await pglite.close();
});
