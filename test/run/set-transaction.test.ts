import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type DatabaseSource, script, upgrade } from '../../lib/index.js';
import { splitStatements } from '../../lib/sql/statements.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* PostgreSQL takes SET TRANSACTION before the first query of a transaction: those of ours come behind it. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const NOTE =
  "CREATE TABLE IF NOT EXISTS seen (level text, patience text); INSERT INTO seen SELECT current_setting('transaction_isolation'), current_setting('lock_timeout')";
const CODE = (statements: string) =>
  `/**\n * a\n * @revision a\n */\nexport async function upgrade({ db }) { for (const one of ${JSON.stringify(statements.split('; '))}) await db.query(one); }\n`;

/** [what stands first, the lock timeout that holds then] */
const FIRST = [
  ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', '5s'],
  [
    "SET LOCAL lock_timeout = '77s'; SET /* of this */ TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE",
    '77s',
  ],
  ["SET transaction_isolation = 'serializable'", '5s'],
] as const;

const CONNECTIONS: readonly [string, () => Promise<DatabaseSource>][] = [
  ['a connection of its own', async () => database.url],
  [
    'a lent client',
    async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      onTestFinished(() => client.end());
      return client;
    },
  ],
];

async function seen(): Promise<unknown> {
  const rows = await database.query('SELECT * FROM seen');
  await database.query('DROP TABLE IF EXISTS seen, revgraph_version, revgraph_ledger, kept');
  return rows;
}

describe.each(CONNECTIONS)('as the first statement, on %s', (_, open) => {
  test.each(FIRST)('%s', async (first, patience) => {
    const revisions = folderWith({ 'a.sql': sql('a', { upgrade: `${first};\n${NOTE};` }) });
    await upgrade({ revisions, database: await open() });
    expect(await seen()).toEqual([{ level: 'serializable', patience }]);
  });

  test('of code', async () => {
    const revisions = folderWith({ 'a.mjs': CODE(`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; ${NOTE}`) });
    await upgrade({ revisions, database: await open() });
    expect(await seen()).toEqual([{ level: 'serializable', patience: '5s' }]);
  });
});

test('in a script', async () => {
  const revisions = folderWith({ 'a.sql': sql('a', { upgrade: `${FIRST[0][0]};\n${NOTE};` }) });
  const { text } = await script({
    revisions,
    direction: 'upgrade',
    target: 'head',
    database: database.url,
  });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(() => client.end());
  // As psql sends them: one message is one transaction.
  for (const one of await splitStatements(text, { file: 'script', line: 1 })) await client.query(one.sql);
  expect(await seen()).toEqual([{ level: 'serializable', patience: '0' }]);
});

test.each(['SQL', 'code'])(
  'behind a query it fails as in psql, and nothing of the step is lost: %s',
  async (kind) => {
    const late =
      'CREATE TABLE kept (id int); INSERT INTO kept VALUES (1); SET TRANSACTION ISOLATION LEVEL SERIALIZABLE';
    const revisions = folderWith(
      kind === 'code' ? { 'a.mjs': CODE(late) } : { 'a.sql': sql('a', { upgrade: `${late};` }) },
    );
    const failed = upgrade({ revisions, database: database.url });
    await expect(failed).rejects.toThrow('must be called before any query');
    expect(await database.query("SELECT to_regclass('kept') AS kept")).toEqual([{ kept: null }]);
  },
);

test('rows that went to the table by bulk before it are not taken back by beginning anew', async () => {
  await database.query('CREATE TABLE kept (id int)');
  const code = `/**\n * a\n * @revision a\n */\nexport async function upgrade({ db }) { await db.insertMany('kept', [{ id: 1 }]); await db.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'); }\n`;
  const failed = upgrade({ revisions: folderWith({ 'a.mjs': code }), database: database.url });
  await expect(failed).rejects.toThrow('must be called before any query');
});
