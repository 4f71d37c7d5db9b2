import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RevgraphError, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* What code asked of its db and never looked at: where it failed, the step has failed. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const LATER = 'await db.query("SELECT pg_sleep(0.1)");';
const BAD_ROW = '[{ id: 1 }, { id: NaN }]';

/** A table `t`, and code in a schema of its own. */
const project = (id: string, body: string, transaction: 'none' | 'auto') =>
  folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE t (id int PRIMARY KEY);', downgrade: 'DROP TABLE t;' }),
    'b.mjs': `/**\n * ${id}\n * @revision b\n * @revises a\n${transaction === 'none' ? ' * @transaction none\n * @idempotent\n' : ''} */\nexport async function upgrade({ db }) {\n${body}\n}\nexport const downgrade = () => {};\n`,
  });

const FAILING: readonly (readonly [what: string, body: string, reason: RegExp])[] = [
  ['a query that fails before the function ends', `db.query('SELECT 1/0'); ${LATER}`, /division by zero/],
  ['a query that fails after it', "db.query('SELECT 1/0');", /division by zero/],
  ['what is made of it with then', `db.query('SELECT 1/0').then(() => {}); ${LATER}`, /division by zero/],
  [
    'what is made of it with finally',
    `db.query('SELECT 1/0').finally(() => {}); ${LATER}`,
    /division by zero/,
  ],
  [
    'a second query that a first one is waited for with',
    "db.query('SELECT pg_sleep(0.05)').then(() => db.query('SELECT 1/0'));",
    /division by zero/,
  ],
  ['rows that are no rows', `db.insertMany('t', ${BAD_ROW}); ${LATER}`, /can't go into table t/],
  ['rows for another table', `db.upsertMany('t9', ${BAD_ROW}, { key: 'id' }); ${LATER}`, /t9/],
  [
    'a COPY',
    `db.copyInto('t', ${BAD_ROW}).then((n) => n); await new Promise((r) => setTimeout(r, 100));`,
    /can't go into table t/,
  ],
];

test.each(
  FAILING.flatMap(([what, body, reason]) =>
    (['auto', 'none'] as const).map((transaction) => [what, transaction, body, reason] as const),
  ),
)('%s (transaction %s)', async (what, transaction, body, reason) => {
  const schema = `s${FAILING.findIndex(([name]) => name === what)}_${transaction}`;
  await database.query(`CREATE SCHEMA ${schema}`);
  const error = await upgrade({
    revisions: project(what, body, transaction),
    database: database.url,
    schema,
  }).then(
    () => Promise.reject(new Error('it did not fail')),
    (thrown: RevgraphError) => thrown,
  );
  expect(error).toMatchObject({ code: 'step_failed', details: { failed: 'b' } });
  expect(error.message).toMatch(reason);
  expect(
    await database.query(
      `SELECT outcome FROM ${schema}.revgraph_ledger WHERE revision = 'b' ORDER BY entry DESC LIMIT 1`,
    ),
  ).toEqual([{ outcome: 'failed' }]);
});

test.each([
  ['caught', "await db.query('SELECT 1/0').catch(() => {});"],
  ['looked at later', `const q = db.query('SELECT 1/0'); ${LATER} try { await q } catch {}`],
  [
    'among others',
    "await Promise.allSettled([db.query('SELECT 1/0'), db.insertMany('t', [{ id: 1, no: 1 }])]);",
  ],
])('a failure that is %s is the business of the code', async (what, body) => {
  const schema = `fine_${what.replaceAll(' ', '_')}`;
  await database.query(`CREATE SCHEMA ${schema}`);
  const { to } = await upgrade({ revisions: project(what, body, 'none'), database: database.url, schema });
  expect(to).toEqual(['b']);
});

test('functions of its own that nobody waits for fail the step, not the process', async () => {
  const own = await freshDatabase();
  const revisions = project(
    'each',
    "[1, 0].forEach(async (n) => { await db.query('SELECT 1'); await db.query('SELECT 1/$1::int', [n]); });",
    'none',
  );
  const { stdout, stderr, exitValue } = await run(revisions, [
    'upgrade',
    'head',
    '--json',
    '--revisions',
    '.',
    '--url',
    own.url,
  ]);
  expect([exitValue, stderr]).toEqual([1, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 'step_failed', details: { failed: 'b', sqlstate: '22012' } },
  });
  await own.drop();
});
