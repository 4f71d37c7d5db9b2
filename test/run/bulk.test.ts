import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Event, type RevgraphError, script, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* The bulk functions as the code of a revision has them: on the connection of its step, and as db.query behaves. */

async function fresh(): Promise<TestDatabase> {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  return database;
}

const project = (body: string, header = '') =>
  folderWith({
    'a.sql': sql('a', {
      upgrade: 'CREATE TABLE t (id int PRIMARY KEY, doc jsonb);',
      downgrade: 'DROP TABLE t;',
    }),
    'b.mjs': `/**\n * Rows\n * @revision b\n * @revises a\n${header} */\nexport async function upgrade({ db, log }) {\n${body}\n}\nexport const downgrade = () => {};\n`,
  });

const failure = (action: Promise<unknown>): Promise<RevgraphError> =>
  action.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: RevgraphError) => error,
  );

test('all four write in the transaction of the step, and answer with counts', async () => {
  const database = await fresh();
  const logs: string[] = [];
  const revisions = project(`
    const rows = [1, 2, 3].map((id) => ({ id, doc: { id } }));
    log(JSON.stringify(await db.insertMany('t', rows)));
    log(JSON.stringify(await db.updateMany('t', [...rows, { id: 9, doc: null }], { key: 'id' })));
    log(JSON.stringify(await db.upsertMany('t', [{ id: 3, doc: [] }, { id: 4, doc: 'four' }], { key: 'id' })));
    log(JSON.stringify(await db.copyInto('t', [{ id: 5, doc: 5 }])));`);
  const onEvent = (event: Event) => event.type === 'log' && logs.push(event.message);
  await upgrade({ revisions, database: database.url, onEvent });
  expect(logs.map((log) => JSON.parse(log))).toEqual([
    { inserted: 3, skipped: 0, rows: [] },
    { updated: 3, missing: 1, rows: [] },
    { inserted: 1, updated: 1, rows: [] },
    { inserted: 1, method: 'copy' },
  ]);
  expect(await database.query('SELECT id, doc FROM t ORDER BY id')).toEqual([
    { id: 1, doc: { id: 1 } },
    { id: 2, doc: { id: 2 } },
    { id: 3, doc: [] },
    { id: 4, doc: 'four' },
    { id: 5, doc: 5 },
  ]);
});

test.each([
  [
    "await db.insertMany('t', [{ id: 2, doc: 1 }, { id: NaN, doc: 1 }]);",
    null,
    "Row 2 can't go into table t: id: NaN",
  ],
  ["await db.insertMany('t', [{ id: 1, doc: 1 }]);", '23505', 'duplicate key'],
  ["await db.copyInto('t', [{ id: 1, doc: 1 }]);", '23505', 'duplicate key'],
  ["db.insertMany('t', [{ id: 1, doc: 1 }]);", '23505', 'duplicate key'],
])('%s fails the step, with its line, and leaves nothing', async (line, sqlstate, says) => {
  const database = await fresh();
  const revisions = project(`await db.insertMany('t', [{ id: 1, doc: 1 }]);\n${line}`);
  const error = await failure(upgrade({ revisions, database: database.url }));
  expect(error).toMatchObject({
    code: 'step_failed',
    details: {
      place: {
        file: join(revisions, 'b.mjs'),
        line: 8,
        statement: expect.stringMatching(/^db\.\w+\("t", …\)$/),
      },
    },
  });
  expect(error.message).toContain(says);
  if (sqlstate !== null)
    expect(error.details).toMatchObject({ sqlstate: expect.stringMatching(`${sqlstate}|null`) });
  expect(await database.query('SELECT count(*)::int AS n FROM t')).toEqual([{ n: 0 }]);
});

test('a failure that the code swallows fails the step all the same', async () => {
  const database = await fresh();
  const revisions = project(`
    await db.insertMany('t', [{ id: 1, doc: 1 }]);
    try { await db.insertMany('t', [{ id: 1, doc: 1 }]); } catch {}`);
  const error = await failure(upgrade({ revisions, database: database.url }));
  expect(error.message).toContain('the code ignored the error');
  expect(await database.query('SELECT count(*)::int AS n FROM t')).toEqual([{ n: 0 }]);
});

test('rows of copyInto that ask the connection they are copied on are refused; they would wait for ever', async () => {
  const database = await fresh();
  const revisions = project(`
    async function* rows() {
      yield { id: 1, doc: 1 };
      const { rows } = await db.query('SELECT 2 AS id');
      yield { id: rows[0].id, doc: 1 };
    }
    await db.copyInto('t', rows());`);
  const error = await failure(upgrade({ revisions, database: database.url }));
  expect(error.message).toContain('used db while copyInto was using');
});

test('after the end of its function db is closed for them too', async () => {
  const database = await fresh();
  const revisions = project(`setTimeout(() => {
      db.insertMany('t', [{ id: 1, doc: 1 }]).catch((error) => { globalThis.lateBulk = error; });
    }, 1);`);
  await upgrade({ revisions, database: database.url });
  const late = () => (globalThis as { lateBulk?: Error }).lateBulk;
  await expect
    .poll(late)
    .toMatchObject({ code: 'usage', message: expect.stringContaining('after its function had returned') });
});

test('a script stops there: how values are written, the types in a database say', async () => {
  const revisions = project("await db.insertMany('t', [{ id: 1, doc: 1 }]);");
  expect(await script({ revisions, direction: 'upgrade', target: 'base:b' })).toMatchObject({
    complete: false,
    opaque: ['b'],
  });
});
