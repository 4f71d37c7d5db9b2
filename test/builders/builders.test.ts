import { pgTable, serial, text } from 'drizzle-orm/pg-core';
import { desc, eq } from 'drizzle-orm/sql';
import type { Generated } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { defineRevision, type RevisionContext, upgrade } from '../../lib/index.js';
import { drizzle } from '../../lib/subpaths/drizzle.js';
import { kysely } from '../../lib/subpaths/kysely.js';
import { freshDatabase, freshPGlite } from '../support/databases.js';

/* Query builders on the transaction of a step: without a cast, on a server and on the embedded database. */

interface Tables {
  topic: { id: Generated<number>; name: string };
}
const topic = pgTable('topic', { id: serial().primaryKey(), name: text().notNull() });

type Code = (context: RevisionContext) => Promise<unknown>;

describe.each([
  [
    'a server',
    async () => {
      const one = await freshDatabase();
      return { source: one.url, query: one.query, drop: one.drop };
    },
  ],
  [
    'PGlite',
    async () => {
      const one = await freshPGlite();
      const query = async (sql: string) => (await one.query<Record<string, unknown>>(sql)).rows;
      return { source: one, query, drop: () => one.close() };
    },
  ],
])('on %s', (_, make) => {
  let database: Awaited<ReturnType<typeof make>>;
  beforeEach(async () => {
    database = await make();
    await upgrade({
      database: database.source,
      revisions: [
        defineRevision({ revision: 'a', upgrade: 'CREATE TABLE topic (id serial PRIMARY KEY, name text)' }),
      ],
    });
    return () => database.drop();
  });

  /** Runs code as the next revision. */
  const run = (code: Code, transaction: 'one' | 'none' = 'one') =>
    upgrade({
      database: database.source,
      revisions: [
        defineRevision({ revision: 'a', upgrade: 'CREATE TABLE topic (id serial PRIMARY KEY, name text)' }),
        defineRevision({
          revision: 'b',
          revises: 'a',
          ...(transaction === 'none' ? { transaction, idempotent: true } : {}),
          upgrade: code,
        }),
      ],
    });
  const names = async () =>
    (await database.query('SELECT name FROM topic ORDER BY id')).map((row) => row.name);

  test('Kysely writes, counts and reads', async () => {
    await run(async ({ db }) => {
      const k = kysely<Tables>(db);
      await k
        .insertInto('topic')
        .values([{ name: 'x' }, { name: 'y' }])
        .execute();
      const changed = await k
        .updateTable('topic')
        .set({ name: 'z' })
        .where('name', '=', 'y')
        .executeTakeFirst();
      expect(changed.numUpdatedRows).toBe(1n);
      expect(await k.selectFrom('topic').select('name').orderBy('id').execute()).toEqual([
        { name: 'x' },
        { name: 'z' },
      ]);
      await k.schema.createIndex('topic_name').on('topic').column('name').execute();
    });
    expect(await names()).toEqual(['x', 'z']);
  });

  test('Drizzle writes and reads', async () => {
    await run(async ({ db }) => {
      const d = drizzle(db, { schema: { topic } });
      expect(
        await d
          .insert(topic)
          .values([{ name: 'x' }, { name: 'y' }])
          .returning(),
      ).toHaveLength(2);
      await d.update(topic).set({ name: 'z' }).where(eq(topic.name, 'y'));
      expect(await d.select({ name: topic.name }).from(topic).orderBy(desc(topic.id))).toEqual([
        { name: 'z' },
        { name: 'x' },
      ]);
      expect(await d.query.topic.findFirst({ where: eq(topic.name, 'z') })).toMatchObject({ name: 'z' });
    });
    expect(await names()).toEqual(['x', 'z']);
  });

  test.each<[string, Code]>([
    [
      'Kysely',
      async ({ db }) => {
        await kysely<Tables>(db).insertInto('topic').values({ name: 'x' }).execute();
        await kysely(db).insertInto('missing').values({ name: 'x' }).execute();
      },
    ],
    [
      'Drizzle',
      async ({ db }) => {
        await drizzle(db).insert(topic).values({ name: 'x' });
        await drizzle(db).execute('INSERT INTO missing VALUES (1)');
      },
    ],
  ])('a query of %s that fails takes the step with it, and is named', async (__, code) => {
    await expect(run(code)).rejects.toMatchObject({
      code: 'step_failed',
      message: expect.stringMatching(/relation "missing" does not exist/),
      details: { sqlstate: '42P01' },
    });
    expect(await names()).toEqual([]);
  });

  test.each<[string, Code]>([
    [
      'Kysely',
      ({ db }) =>
        kysely<Tables>(db)
          .transaction()
          .execute(async () => {}),
    ],
    ['Drizzle', ({ db }) => drizzle(db).transaction(async () => {})],
  ])('a transaction of %s is refused: the step has one', async (__, code) => {
    await expect(run(code)).rejects.toMatchObject({ message: expect.stringContaining('not allowed') });
  });

  test('outside a transaction they may have their own', async () => {
    await run(async ({ db }) => {
      await kysely<Tables>(db)
        .transaction()
        .execute((k) => k.insertInto('topic').values({ name: 'k' }).execute());
      await drizzle(db).transaction((d) => d.insert(topic).values({ name: 'd' }));
      await kysely<Tables>(db)
        .transaction()
        .execute(async (k) => {
          await k.insertInto('topic').values({ name: 'gone' }).execute();
          throw new Error('no');
        })
        .catch(() => {});
    }, 'none');
    expect(await names()).toEqual(['k', 'd']);
  });

  test('a query as `pg` takes it: shape, types, and what came of it', async () => {
    await run(async ({ db }) => {
      expect(
        await db.query({ text: 'SELECT $1::int AS a, $2::text AS b', values: [1, 'x'], rowMode: 'array' }),
      ).toMatchObject({
        rows: [[1, 'x']],
        rowCount: 1,
        command: 'SELECT',
        fields: [
          { name: 'a', dataTypeID: 23 },
          { name: 'b', dataTypeID: 25 },
        ],
      });
      const types = { getTypeParser: () => (value: string) => `<${value}>` };
      expect((await db.query<{ a: string }>({ text: 'SELECT 1 AS a', types })).rows).toEqual([{ a: '<1>' }]);
      // Prepared under a name it would be gone with the step, and its client would not know.
      for (let n = 0; n < 2; n++) await db.query({ name: 'mine', text: 'SELECT 1' });
    });
  });

  test.each<[string, unknown[], RegExp]>([
    ['a callback', ['SELECT 1', () => {}], /db\.query of b does not take a callback \(SELECT 1\)/],
    ['a cursor', [{ submit() {}, cursor: { text: 'SELECT 2' } }], /a cursor or a stream \(SELECT 2\)/],
    ['another key', [{ text: 'SELECT 3', binary: true }], /`binary` \(SELECT 3\)/],
    ['nothing', [undefined], /anything but text/],
  ])('what a step can’t do is refused by name: %s', async (__, asked, message) => {
    await expect(
      run(({ db }) => (db.query as (...all: unknown[]) => Promise<unknown>)(...asked)),
    ).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });

  test('Kysely can’t stream', async () => {
    await expect(
      run(async ({ db }) => {
        for await (const row of kysely<Tables>(db).selectFrom('topic').selectAll().stream()) void row;
      }),
    ).rejects.toMatchObject({ message: expect.stringContaining("can't stream") });
  });
});
