import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { start } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';
import { startServer } from '../support/server.js';

/*
 * A backfill of 50,000 rows that would show it if a row were changed twice or not at all, killed at random moments and
 * started again until it is done. REVGRAPH_REPETITIONS asks for more rounds.
 */

const ROUNDS = Number(process.env.REVGRAPH_REPETITIONS ?? 2);
const SERVER_KILLS = 2;
const ROWS = 50_000;

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
  await database.query('CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)');
  await database.query('INSERT INTO t SELECT n FROM generate_series(1, $1::int) n', [ROWS]);
});
afterEach(() => database.drop());

const folder = () =>
  folderWith({
    'revisions/a.sql': sql('a', {
      more: '-- @batch "count up" table t key id size 200\nUPDATE t SET n = n + 1 FROM batch WHERE t.id = batch.id AND t.id % 7 <> 0;',
    }),
    // Small steps, so that a kill meets many places.
    'revisions/b.mjs': `/** @revision b */
export const upgrade = ({ batches }) => batches({
  table: 't', key: 'id', size: 200, maxSize: 2000,
  run: (rows, { db, skip }) => {
    for (const row of rows) if (row.id % 5 === 0) skip(row, 'fifth');
    return db.query('UPDATE t SET n = n + 10 WHERE id = ANY($1) AND id % 5 <> 0', [rows.map(({ id }) => id)]).then(() => undefined);
  },
});`,
    'revisions/c.mjs': `/** @revision c */
export const upgrade = ({ batches }) => batches({
  table: 't', key: 'id', maxSize: 2000,
  change: (row, { skip }) => row.id % 3 === 0 ? skip('third') : { set: { n: row.n + 100 } },
});`,
  });

/** Runs `upgrade` again and again, each but the last killed after a random time. @returns how many were killed */
async function upgradeWithKills(project: string, revision: string, mostMs: number): Promise<number> {
  for (let killed = 0; ; killed++) {
    const process = start(project, ['upgrade', revision, '--url', database.url]);
    const timer = setTimeout(
      () => process.child.kill('SIGKILL'),
      // On a machine that has other things to do a process may need seconds to begin.
      250 + Math.random() * mostMs * (1 + killed / 5),
    );
    const { exitValue, stderr } = await process.finished;
    clearTimeout(timer);
    if (exitValue === 0) return killed;
    if (exitValue !== null) throw new Error(`exit ${exitValue}: ${stderr}`);
  }
}

/** What a row holds in the end, and the counts of the ledger. */
const TRUTH = {
  a: { n: 'CASE WHEN id % 7 <> 0 THEN 1 ELSE 0 END', changed: 42_858 },
  b: { n: 'CASE WHEN id % 5 <> 0 THEN 10 ELSE 0 END', changed: 40_000 },
  d: { n: 'CASE WHEN id % 5 <> 0 THEN 10 ELSE 0 END', changed: 40_000 },
  c: { n: 'CASE WHEN id % 3 <> 0 THEN 100 ELSE 0 END', changed: 33_334 },
};

async function judge(revision: keyof typeof TRUTH, about: string): Promise<void> {
  const { n, changed } = TRUTH[revision];
  const [wrong] = await database.query(`SELECT count(*)::int AS rows FROM t WHERE n <> ${n}`);
  expect(wrong, about).toEqual({ rows: 0 });
  const entries = await database.query(
    "SELECT revision, statistics -> 'backfills' -> 0 AS counts FROM revgraph_ledger WHERE outcome = 'done' AND statistics ? 'backfills'",
  );
  expect(entries, about).toMatchObject([
    { revision, counts: { scanned: ROWS, changed, skipped: ROWS - changed, failed: 0 } },
  ]);
}

const forget = async (): Promise<void> => {
  await database.query(
    'DROP SCHEMA IF EXISTS revgraph_queue CASCADE; DROP TABLE IF EXISTS revgraph_version, revgraph_ledger, revgraph_backfill, revgraph_quarantine',
  );
  await database.query('TRUNCATE t');
  await database.query('INSERT INTO t SELECT n FROM generate_series(1, $1::int) n', [ROWS]);
};

test(
  `SIGKILL at any moment, ${ROUNDS} rounds: every row is changed exactly once, and the counts are the truth`,
  async () => {
    const project = folder();
    let kills = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await forget();
      const revision = (['a', 'b', 'c'] as const)[round % 3] as 'a' | 'b' | 'c';
      const killed = await upgradeWithKills(project, revision, 700);
      kills += killed;
      await judge(revision, `round ${round}, ${revision}, after ${killed} kills`);
    }
    expect(kills).toBeGreaterThan(0);
  },
  ROUNDS * 60_000,
);

test(
  'the server killed and started again: the same',
  async () => {
    const folderOfServer = temporaryFolder();
    const server = await startServer(folderOfServer);
    onTestFinished(() => server.stop());
    await database.drop();
    database = await freshDatabase('template0', server.url);
    await database.query('CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)');
    const project = folder();
    for (let round = 0; round < ROUNDS; round++) {
      const revision = (['b', 'c', 'a'] as const)[round % 3] as 'a' | 'b' | 'c';
      await forget();
      for (let kills = 0; ; kills++) {
        const process = start(project, ['upgrade', revision, '--url', database.url]);
        const crashed = sleep(300 + Math.random() * 500).then(() =>
          kills < SERVER_KILLS ? server.crash() : undefined,
        );
        const { exitValue, stderr } = await process.finished;
        await crashed;
        if (exitValue === 0) break;
        expect(stderr).toMatch(/connect|ECONNRESET|starting up|shutting down/i);
      }
      await judge(revision, revision);
    }
  },
  ROUNDS * 60_000,
);

test(
  'four workers on a queue, killed at random: the same',
  async () => {
    const project = folder();
    writeFileSync(
      join(project, 'revisions/d.mjs'),
      `/** @revision d
 * @revises z
 * @background */
export const upgrade = ({ batches }) => batches({
  table: 't', key: 'id', size: 100, maxSize: 500,
  run: (rows, { db, skip }) => {
    for (const row of rows) if (row.id % 5 === 0) skip(row, 'fifth');
    return db.query('UPDATE t SET n = n + 10 WHERE id = ANY($1) AND id % 5 <> 0', [rows.map(({ id }) => id)]).then(() => undefined);
  },
});`,
    );
    writeFileSync(
      join(project, 'revisions/z.sql'),
      sql('z', { upgrade: 'CREATE TABLE IF NOT EXISTS z ();' }),
    );
    for (let round = 0; round < ROUNDS; round++) {
      await forget();
      for (const target of ['z', 'd'])
        expect((await start(project, ['upgrade', target, '--url', database.url]).finished).exitValue).toBe(0);
      const kills = await workWithKills(project, 1_500);
      await judge('d', `round ${round} after ${kills} kills`);
    }
  },
  ROUNDS * 90_000,
);

/** Four workers; one after the other is killed and started again, until the backfill is finished. */
async function workWithKills(project: string, mostMs: number): Promise<number> {
  const args = ['backfill', 'work', '--queue', '--url', database.url];
  const workers = Array.from({ length: 4 }, () => start(project, args));
  let kills = 0;
  const finished = async () =>
    (await database.query("SELECT 1 FROM revgraph_backfill WHERE name = '' AND state = 'finished'")).length >
    0;
  for (let next = 0; !(await finished()); next = (next + 1) % 4) {
    await sleep(200 + Math.random() * mostMs * (1 + kills / 10));
    workers[next]?.child.kill('SIGKILL');
    kills++;
    await workers[next]?.finished;
    workers[next] = start(project, args);
  }
  const ends = await Promise.all(workers.map((worker) => worker.finished));
  for (const { exitValue, stderr } of ends) expect([0, null], stderr).toContain(exitValue);
  return kills;
}
