import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { lastEntries, lastEntriesQuery } from '../../lib/database/tables/last-entries.js';
import { type Event, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* The ledger of a project with history: what was last of every revision is found without reading all of it. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const project = (ids: readonly string[]): string =>
  folderWith(
    Object.fromEntries(
      ids.map((id, n) => [
        `${id}.sql`,
        sql(id, {
          ...(n === 0 ? {} : { revises: ids[n - 1] as string }),
          upgrade: 'SELECT 1;',
          downgrade: 'SELECT 1;',
        }),
      ]),
    ),
  );

/** 50 revisions with 120 entries each, and what each of them did. */
const HISTORY = `INSERT INTO revgraph_ledger (run, revision, direction, parents, rows_from, rows_to, started_at, outcome, statement, actor, host, library_version)
  SELECT gen_random_uuid(), 'r' || n % 50, 'upgrade', '{}', '{}', '{}', now(), CASE WHEN n < 5900 THEN 'failed' ELSE 'done' END, repeat('SELECT ' || n, 50), 'me', 'here', '1'
  FROM generate_series(1, 6000) AS n; ANALYZE revgraph_ledger`;

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

const OURS = { schema: 'public', name: 'revgraph_version' };

const index = async (): Promise<unknown> =>
  (await database.query("SELECT to_regclass('revgraph_ledger_last')::text AS name"))[0]?.name;

test('the newest entry of each revision is found by the index', async () => {
  await upgrade({ revisions: project(['a']), database: database.url });
  await database.query(HISTORY);
  const client = await connected();
  const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${lastEntriesQuery(OURS)}`);
  const nodes: { type: string; loops: number; rows: number }[] = [];
  const walk = (plan: Record<string, unknown>): void => {
    nodes.push({
      type: String(plan['Node Type']),
      loops: Number(plan['Actual Loops']),
      rows: Number(plan['Actual Rows']),
    });
    for (const child of (plan.Plans as Record<string, unknown>[] | undefined) ?? []) walk(child);
  };
  walk(rows[0]['QUERY PLAN'][0].Plan);
  const done = nodes.filter(({ loops }) => loops > 0);
  expect(done.map(({ type }) => type)).toEqual(expect.arrayContaining(['Index Scan']));
  expect(done.filter(({ type }) => /^(Sort|Seq Scan|Incremental Sort)$/.test(type))).toEqual([]);
  // Nothing reads more than a row a revision.
  expect(Math.max(...done.map((node) => node.rows * node.loops))).toBeLessThanOrEqual(60);
});

test('and is the same as by a sort, with and without the index', async () => {
  const client = await connected();
  const newest = (
    await client.query('SELECT revision, max(entry)::int AS entry FROM revgraph_ledger GROUP BY revision')
  ).rows;
  const expected = new Map(newest.map(({ revision, entry }) => [revision, entry]));
  const byIndex = await lastEntries(client, OURS);
  await client.query('BEGIN; DROP INDEX revgraph_ledger_last');
  const bySort = await lastEntries(client, OURS);
  await client.query('ROLLBACK');
  expect([byIndex?.indexed, bySort?.indexed]).toEqual([true, false]);
  for (const found of [byIndex, bySort])
    expect(new Map([...(found ?? [])].map(([revision, { entry }]) => [revision, entry]))).toEqual(expected);
  const ids = [...(byIndex?.keys() ?? [])];
  expect(ids).toEqual([...ids].sort());
  expect([...(bySort?.keys() ?? [])]).toEqual(ids);
  expect(byIndex).toEqual(Object.assign(bySort as object, { indexed: true }));
});

test('a ledger of an earlier version gets its index with the next write, without a word', async () => {
  await database.query('DROP INDEX revgraph_ledger_last');
  const events: Event[] = [];
  await upgrade({
    revisions: project(['a', 'b']),
    database: database.url,
    onEvent: (event) => events.push(event),
  });
  expect(await index()).toBe('revgraph_ledger_last');
  expect(events.filter(({ type }) => type === 'notice' || type === 'warning')).toEqual([]);
});

test('but not where the role may not make it', async () => {
  await database.query(`DROP INDEX revgraph_ledger_last; DROP ROLE IF EXISTS ledger_writer; CREATE ROLE ledger_writer LOGIN PASSWORD 'only-for-tests';
    GRANT SELECT, INSERT ON revgraph_ledger TO ledger_writer; GRANT ALL ON revgraph_version TO ledger_writer`);
  const url = new URL(database.url);
  url.username = 'ledger_writer';
  const { to } = await upgrade({ revisions: project(['a', 'b', 'c']), database: url.href, preflight: 'off' });
  expect([to, await index()]).toEqual([['c'], null]);
  await database.query('DROP OWNED BY ledger_writer; DROP ROLE ledger_writer');
});
