import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { copyInto } from '../../lib/database/bulk/copy.js';
import { insertMany, updateMany, upsertMany } from '../../lib/database/bulk/insert.js';
import { withSession } from '../../lib/database/connection/connect.js';
import type { Queryable, Session } from '../../lib/database/connection/session.js';
import type { RevgraphError } from '../../lib/errors/error.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';

/* Many rows with few statements: what goes in comes out, for every type; counts are facts; a bad row is named. */

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const TYPES = `
  CREATE SCHEMA "odd.one";
  CREATE TYPE "odd.one"."Mood" AS ENUM ('happy', 'it''s "fine"', 'NULL');
  CREATE TYPE "odd.one".pair AS (x int, label text);
  CREATE DOMAIN "odd.one".short AS varchar(5);
  CREATE DOMAIN "odd.one".document AS jsonb CHECK (VALUE <> '"never"');
  CREATE TABLE "odd.one"."All ""kinds""" (
    n int PRIMARY KEY,
    small smallint, big bigint, price numeric, ratio float8, yes boolean,
    words text, code varchar(40), fixed char(3), own "odd.one".short, mood "odd.one"."Mood",
    doc jsonb, plain json, checked "odd.one".document,
    tags text[], numbers int[], matrix int[], moods "odd.one"."Mood"[], docs jsonb[], moments timestamptz[], blobs bytea[],
    day date, local timestamp, moment timestamptz, span interval,
    blob bytea, id uuid, pair "odd.one".pair, area box, bits varbit, net inet, during int4range);`;
const TABLE = '"odd.one"."All ""kinds"""';

const text = fc.string({
  unit: fc.constantFrom('a', 'é', '"', "'", '\\', '\n', '\r', '\t', ',', '{', '}', '(', 'N', ' ', '😀'),
  maxLength: 12,
});
const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null, freq: 4 });
const int = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const date = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
const bytes = fc.uint8Array({ maxLength: 6 }).map((array) => Buffer.from(array));
const mood = fc.constantFrom('happy', 'it\'s "fine"', 'NULL');
/** JSON null can't be told from NULL, and jsonb knows no -0. */
const json = fc
  .jsonValue({ stringUnit: fc.constantFrom('a', '"', '\\', '\n', '😀', 'null', '\\u0000') })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  .filter((value) => value !== null && value !== 'never');
const list = <T>(one: fc.Arbitrary<T>) => fc.array(orNull(one), { maxLength: 3 });

const ROW = {
  small: orNull(int(16)),
  big: orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  price: orNull(fc.constantFrom('NaN', '0.10', '12345678901234567890.123456789')),
  ratio: orNull(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
  yes: orNull(fc.boolean()),
  words: orNull(text),
  code: orNull(text),
  fixed: orNull(fc.constantFrom('abc', 'x,"')),
  own: orNull(fc.constantFrom('', 'ab"\\,')),
  mood: orNull(mood),
  doc: orNull(json),
  plain: orNull(json),
  checked: orNull(json),
  tags: orNull(list(text)),
  numbers: orNull(list(int(32))),
  matrix: orNull(
    fc.constantFrom(
      [],
      [
        [1, null],
        [3, 4],
      ],
      [[[1]], [[2]]],
    ),
  ),
  moods: orNull(list(mood)),
  docs: orNull(list(json)),
  moments: orNull(list(date)),
  blobs: orNull(list(bytes)),
  day: orNull(date.map((day) => new Date(day.getFullYear(), day.getMonth(), day.getDate()))),
  local: orNull(date),
  moment: orNull(date),
  span: orNull(fc.constantFrom('1 day 02:03:04', '-3 mons')),
  blob: orNull(bytes),
  id: orNull(fc.uuid()),
  pair: orNull(fc.record({ x: orNull(int(32)), label: orNull(text) })),
  area: orNull(fc.constantFrom('(2,2),(1,1)')),
  bits: orNull(fc.constantFrom('', '101')),
  net: orNull(fc.constantFrom('10.0.0.1')),
  during: orNull(fc.constantFrom('[1,5)', 'empty')),
};
const rowsOf = (n: number) =>
  fc
    .array(fc.record(ROW), { minLength: n, maxLength: n })
    .map((rows) => rows.map((row, at) => ({ n: at, ...row })));

/** Text where `pg` would make something else of it. */
const READ = `SELECT *, to_jsonb(pair) AS pair, span::text, area::text, moods::text[], big::text,
  extract(year FROM day) AS year FROM ${TABLE} ORDER BY n`;
const seen = ({ big, pair, ...row }: Record<string, unknown>) => ({
  ...row,
  big: big === null ? null : String(big),
  pair: pair ?? null,
});
const read = async (from: Queryable) =>
  (await from.query(READ)).rows.map(({ no_pair, year, pair, ...row }) => ({
    ...row,
    pair: no_pair ? null : pair,
  }));

describe.each(['a server', 'PGlite'])('what goes in comes out: %s', (where) => {
  const RUNS = where === 'PGlite' ? 5 : 25;
  const onSession = async (action: (session: Session) => Promise<void>) => {
    if (where !== 'PGlite') return withSession(client, {}, action);
    const pglite = await freshPGlite();
    await withSession(pglite, {}, action);
    await pglite.close();
  };

  test('by insert, copy, upsert and update', () =>
    onSession(async (session) => {
      await session.query(TYPES);
      const empty = () => session.query(`TRUNCATE ${TABLE}`);
      await fc.assert(
        fc.asyncProperty(rowsOf(7), async (rows) => {
          const expected = rows.map(seen);
          const options = { key: 'n', chunk: 3 };
          await empty();
          expect((await insertMany(session, TABLE, rows, { chunk: 3 })).inserted).toBe(7);
          expect(await read(session)).toEqual(expected);
          const blank = rows.map((row) => ({
            ...Object.fromEntries(Object.keys(row).map((key) => [key, null])),
            n: row.n,
          }));
          expect(await updateMany(session, TABLE, blank, options)).toMatchObject({ updated: 7, missing: 0 });
          expect(await updateMany(session, TABLE, rows, options)).toMatchObject({ updated: 7, missing: 0 });
          expect(await read(session)).toEqual(expected);
          await session.query(`DELETE FROM ${TABLE} WHERE n < 2`);
          expect(await upsertMany(session, TABLE, rows, options)).toMatchObject({ inserted: 2, updated: 5 });
          expect(await read(session)).toEqual(expected);
          await empty();
          const asText = rows.map(({ pair, ...row }) => row);
          expect(await copyInto(session, TABLE, asText)).toEqual({
            inserted: 7,
            method: where === 'PGlite' ? 'insert' : 'copy',
          });
          expect(await read(session)).toEqual(expected.map((row) => ({ ...row, pair: null })));
        }),
        { numRuns: RUNS },
      );
    }));
});

const refusal = async (action: Promise<unknown>): Promise<RevgraphError> =>
  action.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: RevgraphError) => error,
  );

describe('counts and refusals', () => {
  beforeEach(async () => {
    await client.query(`
      DROP TABLE IF EXISTS people, parts;
      CREATE TABLE people (
        id int PRIMARY KEY, name varchar(5), note text DEFAULT 'none', made timestamptz,
        initial text GENERATED ALWAYS AS (left(name, 1)) STORED, serial int GENERATED ALWAYS AS IDENTITY, rank numeric UNIQUE);
      CREATE TABLE parts (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (5);
      CREATE TABLE parts_2 (v text, gone int, id int NOT NULL);
      ALTER TABLE parts_2 DROP COLUMN gone;
      ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM (5) TO (99);`);
  });
  const people = (...ids: number[]) => ids.map((id) => ({ id, name: `p${id}` }));
  const count = async () => (await client.query('SELECT count(*)::int AS n FROM people')).rows[0]?.n;

  test('a conflict is skipped and counted; defaults stand where a column is left out', async () => {
    await insertMany(client, 'people', people(1, 2));
    const result = await insertMany(client, 'people', people(3, 2, 1, 4), {
      onConflict: 'nothing',
      chunk: 3,
      returning: ['id', 'note', 'initial'],
    });
    expect(result).toEqual({
      inserted: 2,
      skipped: 2,
      rows: [
        { id: 3, note: 'none', initial: 'p' },
        { id: 4, note: 'none', initial: 'p' },
      ],
    });
  });

  test('rows come back in the order in which they were given', async () => {
    const ids = Array.from({ length: 50 }, (_, at) => (at * 37) % 50);
    const options = { key: 'id', returning: ['id'], chunk: 7 };
    const given = ids.map((id) => ({ id }));
    expect((await insertMany(client, 'people', people(...ids), options)).rows).toEqual(given);
    expect((await updateMany(client, 'people', people(...ids), options)).rows).toEqual(given);
    expect(await upsertMany(client, 'people', people(...ids), options)).toEqual({
      inserted: 0,
      updated: 50,
      rows: given,
    });
  });

  test('an update counts what it found and what not, also where the key is not unique', async () => {
    await client.query("INSERT INTO people (id, name) VALUES (1, 'a'), (2, 'a'), (3, 'b')");
    expect(
      await updateMany(
        client,
        'people',
        [
          { name: 'a', note: 'x' },
          { name: 'z', note: 'y' },
        ],
        { key: 'name' },
      ),
    ).toEqual({ updated: 2, missing: 1, rows: [] });
  });

  test.each(['people', 'parts'])('an upsert tells new rows from old: %s', async (table) => {
    const rows = (ids: number[]) => ids.map((id) => (table === 'parts' ? { id, v: 'x' } : { id, note: 'x' }));
    await insertMany(client, table, rows([1, 6]));
    expect(await upsertMany(client, table, rows([6, 7, 1, 2, 3]), { key: 'id' })).toEqual({
      inserted: 3,
      updated: 2,
      rows: [],
    });
    expect(await upsertMany(client, table, rows([8, 1]), { key: ['id'], returning: ['id'] })).toEqual({
      inserted: 1,
      updated: 1,
      rows: [{ id: 8 }, { id: 1 }],
    });
  });

  test('an upsert changes only what `update` names', async () => {
    await insertMany(client, 'people', [{ id: 1, name: 'old', note: 'old' }]);
    await upsertMany(client, 'people', [{ id: 1, name: 'new', note: 'new' }], {
      key: 'id',
      update: ['note'],
    });
    expect((await client.query('SELECT name, note FROM people')).rows).toEqual([
      { name: 'old', note: 'new' },
    ]);
  });

  test.each([
    ['NUL', { note: 'a\0b' }, 'note: text with a NUL character'],
    ['a lone surrogate', { note: 'a\ud800' }, 'note: text with half a character'],
    ['NaN', { rank: Number.NaN }, 'rank: NaN is not a number'],
    ['Infinity', { rank: -Infinity }, 'rank: -Infinity'],
    ['an invalid Date', { made: new Date(Number.NaN) }, 'made: an invalid Date'],
    ['half a number', { id: 1.5 }, 'id: 1.5 is not a whole number, as integer is'],
    ['a large number', { id: 2 ** 31 }, 'id: 2147483648 is out of the range of integer'],
    ['an object', { note: {} }, 'note: an object is not text'],
    ['a function', { note: () => {} }, 'note: a function is not a value'],
    ['nothing', { note: undefined }, 'note: the value is undefined'],
  ])('%s is refused with row and column before anything is sent', async (_, wrong, says) => {
    const good = { name: 'x', note: 'n', made: null, rank: null };
    const rows = Array.from({ length: 9 }, (_, id) => ({ id, ...good, ...(id === 7 ? wrong : {}) }));
    for (const write of [insertMany, upsertMany] as (typeof upsertMany)[]) {
      const error = await refusal(write(client, 'people', rows, { key: 'id', chunk: 2 }));
      expect(error).toMatchObject({ code: 'bad_row', exitValue: 1, details: { table: 'people', row: 8 } });
      expect(error.message).toContain(says);
    }
    expect((await refusal(copyInto(client, 'people', rows))).message).toContain(says);
    expect(await count()).toBe(0);
  });

  test.each([
    ['[NaN]', { a: [Number.NaN] }],
    ['an invalid Date', { a: new Date(Number.NaN) }],
    ['NUL', { a: 'x\0' }],
    ['a lone surrogate', ['\udc00']],
    [
      'a ring',
      (() => {
        const ring: Record<string, unknown> = {};
        ring.self = ring;
        return ring;
      })(),
    ],
    ['a bigint', { a: 1n }],
  ])('JSON with %s is refused', async (_, doc) => {
    await client.query('CREATE TEMPORARY TABLE IF NOT EXISTS docs (doc jsonb)');
    expect(await refusal(insertMany(client, 'docs', [{ doc: 1 }, { doc }]))).toMatchObject({
      code: 'bad_row',
      details: { row: 2, column: 'doc' },
    });
  });

  test('rows of another shape are refused: what is missing could be NULL or the default', async () => {
    const rows = [{ id: 1, name: 'a' }, { id: 2 }, { id: 3, name: 'c', note: 'x' }];
    expect((await refusal(insertMany(client, 'people', rows))).details).toMatchObject({
      row: 2,
      column: 'name',
    });
    rows.splice(1, 1);
    expect((await refusal(insertMany(client, 'people', rows))).details).toMatchObject({
      row: 2,
      column: 'note',
    });
  });

  test('the same key twice is named, written alike or not', async () => {
    const twice = [
      { id: 1, note: 'a' },
      { id: 2, note: 'b' },
      { id: 1, note: 'c' },
    ];
    for (const write of [updateMany, upsertMany])
      expect(await refusal(write(client, 'people', twice, { key: 'id' }))).toMatchObject({
        code: 'bad_row',
        message: "Row 3 can't go into table people: id: it has the same key as row 1.",
      });
    await insertMany(client, 'people', [{ id: 1, rank: 1 }]);
    const alike = [
      { rank: '1.0', note: 'a' },
      { rank: '2', note: 'b' },
      { rank: '1.00', note: 'c' },
    ];
    expect((await refusal(updateMany(client, 'people', alike, { key: 'rank' }))).message).toContain(
      'as row 1',
    );
    const both = alike.map((row, id) => ({ id, ...row }));
    expect((await refusal(upsertMany(client, 'people', both, { key: 'rank' }))).message).toContain(
      'equal in the type',
    );
    expect(
      await refusal(updateMany(client, 'people', [{ id: null, note: '' }], { key: 'id' })),
    ).toMatchObject({ code: 'bad_row' });
  });

  test.each([
    ['people', { id: 1, nmae: 'x' }, 'unknown_column', 'has no column "nmae"', 'Did you mean name?'],
    ['poeple', { id: 1 }, 'unknown_table', 'Table poeple does not exist', 'Did you mean people?'],
    ['people; DROP TABLE people', { id: 1 }, 'unknown_table', 'does not exist', null],
    ['people', { initial: 'x' }, 'column_read_only', 'is generated from other columns', null],
    ['people', { serial: 1 }, 'column_read_only', 'GENERATED ALWAYS AS IDENTITY', null],
    ['', { id: 1 }, 'usage', 'not a valid table name', null],
  ])('%s %o: a mistake in a name is told', async (table, row, code, says, hint) => {
    const error = await refusal(insertMany(client, table, [row]));
    expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
    if (hint !== null) expect(error.hint).toBe(hint);
    expect(await count()).toBe(0);
  });

  test('an upsert without a unique index, or with nothing to set, is told', async () => {
    const rows = [{ id: 1, note: 'x' }];
    expect((await refusal(upsertMany(client, 'people', rows, { key: 'note' }))).message).toContain(
      'no unique index on note',
    );
    expect((await refusal(upsertMany(client, 'people', [{ id: 1 }], { key: 'id' }))).message).toContain(
      'no columns other than the key',
    );
    expect((await refusal(updateMany(client, 'people', rows, { key: 'rank' }))).message).toContain(
      'no column "rank"',
    );
  });

  test('what is too long is refused, not cut', async () => {
    expect((await refusal(insertMany(client, 'people', [{ id: 1, name: 'longer' }]))).message).toContain(
      'too long',
    );
  });

  test('a date before Christ, and one of five digits', async () => {
    const made = [new Date('-000043-03-15T12:00:00.5Z'), new Date('+012345-01-02T00:00:00Z')];
    await insertMany(
      client,
      'people',
      made.map((one, id) => ({ id, made: one })),
    );
    const { rows } = await client.query(
      "SELECT (made AT TIME ZONE 'UTC')::text AS made FROM people ORDER BY id",
    );
    expect(rows).toEqual([{ made: '0044-03-15 12:00:00.5 BC' }, { made: '12345-01-02 00:00:00' }]);
  });

  test('large rows go in smaller chunks', async () => {
    const sent: number[] = [];
    const counting: Queryable = {
      query: (sql, values) => {
        if (sql.startsWith('INSERT')) sent.push(String(values?.[0]).split(',').length);
        return client.query(sql, values);
      },
    };
    const note = 'x'.repeat(3_000_000);
    await insertMany(
      counting,
      'people',
      [1, 2, 3, 4, 5].map((id) => ({ id, note })),
    );
    expect(sent).toEqual([3, 2]);
  });
});

describe('copyInto', () => {
  beforeEach(async () => {
    await client.query('DROP TABLE IF EXISTS log; CREATE TABLE log (n int PRIMARY KEY, text text)');
  });
  const TEXT = 'x'.repeat(1000);

  test('pulls rows as the server takes them, and closes their source', async () => {
    const blocked = new pg.Client({ connectionString: database.url });
    await blocked.connect();
    await blocked.query('BEGIN; LOCK TABLE log');
    let pulled = 0;
    let ended = false;
    async function* rows() {
      try {
        for (; pulled < 50_000; pulled++) yield { n: pulled, text: TEXT };
      } finally {
        ended = true;
      }
    }
    const copied = copyInto(client, 'public.log', rows());
    await new Promise((resolve) => setTimeout(resolve, 300));
    // The server waits for the lock: no more than what fits between the two.
    expect(pulled).toBeLessThan(2000);
    await blocked.query('COMMIT');
    await blocked.end();
    expect(await copied).toEqual({ inserted: 50_000, method: 'copy' });
    expect(ended).toBe(true);
  });

  test.each([
    [
      'its source fails',
      (n: number) => {
        if (n === 400) throw new Error('the source broke');
        return { n, text: TEXT };
      },
      'the source broke',
    ],
    ['a row is bad', (n: number) => ({ n, text: n === 400 ? 'a\0' : TEXT }), 'Row 401'],
    ['the server refuses one', (n: number) => ({ n: n === 400 ? 1 : n, text: TEXT }), 'duplicate key'],
  ])('leaves nothing when %s, and the connection is good', async (_, make, says) => {
    let ended = false;
    function* rows() {
      try {
        for (let n = 0; n < 800; n++) yield make(n);
      } finally {
        ended = true;
      }
    }
    expect((await refusal(copyInto(client, 'log', rows()))).message).toContain(says);
    expect((await client.query('SELECT count(*)::int AS n FROM log')).rows).toEqual([{ n: 0 }]);
    expect(ended).toBe(true);
  });

  test('no rows, and what is not rows', async () => {
    expect(await copyInto(client, 'log', [])).toEqual({ inserted: 0, method: 'copy' });
    expect(await refusal(copyInto(client, 'log', 7 as never))).toMatchObject({ code: 'usage' });
  });
});
