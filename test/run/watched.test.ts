import { spawn } from 'node:child_process';
import pg from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Event, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* Who stands in the way is told by PostgreSQL, and what is asked beside the steps ends with whoever asked. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
  await database.query('CREATE TABLE t (id int); CREATE TABLE other (id int)');
});
afterEach(() => database.drop());

async function holding(application: string, statement: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url, application_name: application });
  client.on('error', () => {});
  await client.connect();
  await client.query(`BEGIN; ${statement}`);
  onTestFinished(() => client.end());
  return client;
}

test.each([
  ['in a transaction', '', 'ALTER TABLE t ADD n int'],
  ['outside of one', '-- @transaction none', 'ALTER TABLE t ADD n int'],
  [
    'a table that a function names',
    '',
    "DO $$ BEGIN EXECUTE 'ALTER TABLE ' || chr(116) || ' ADD n int'; END $$",
  ],
])(
  'the blocker is the one that blocks, not one whose table stands in the text: %s',
  async (_, header, statement) => {
    await holding('the innocent', 'SELECT * FROM other');
    await holding('the guilty', 'SELECT * FROM t');
    const revisions = folderWith({
      'a.sql': sql('a', { header, upgrade: `${statement} /* as in other */;`, downgrade: 'SELECT 1;' }),
    });
    const events: Event[] = [];
    const run = upgrade({
      revisions,
      database: database.url,
      lockTimeoutMs: 1_500,
      lockRetries: 1,
      preflight: 'off',
      onEvent: (event) => events.push(event),
    });
    await expect(run).rejects.toMatchObject({
      code: 'step_failed',
      details: { sqlstate: '55P03', blocker: expect.stringMatching(/the guilty.* on t/) },
    });
    expect(events.find(({ type }) => type === 'step-retried')).toMatchObject({
      sqlstate: '55P03',
      blocker: expect.stringContaining('the guilty'),
    });
  },
);

test.each([
  ['a precheck', { more: '-- @precheck "x"\nSELECT pg_sleep(60) IS NOT NULL;' }],
  ['a preview', { more: '-- @verify "x"\nSELECT pg_sleep(60) IS NOT NULL;' }],
])('%s ends with its client', async (_, parts) => {
  const revisions = folderWith({ 'a.sql': sql('a', { upgrade: 'CREATE TABLE x (id int);', ...parts }) });
  const child = spawn(
    process.execPath,
    ['dist/bin/revgraph.js', 'upgrade', '--url', database.url, '--revisions', revisions],
    { stdio: 'ignore' },
  );
  const asleep =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()";
  const until = async (rows: number): Promise<boolean> => {
    for (let tries = 0; tries < 200; tries++) {
      if ((await database.query(asleep)).length === rows) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  };
  expect(await until(1)).toBe(true);
  child.kill('SIGKILL');
  expect(await until(0)).toBe(true);
});
