import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Event, type RevgraphError, retry, status, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { losingProxy } from '../support/proxy.js';

/* Statements outside a transaction whose answer is lost: what they did is there once, whichever message it was. */

const BEFORE = `CREATE TABLE log (n int); CREATE TYPE word AS ENUM ('a'); CREATE TABLE big AS SELECT g AS id, g AS t FROM generate_series(1, 100) g;
  CREATE INDEX old ON big (id); CREATE INDEX kept ON big (t); CREATE TABLE parts (id int) PARTITION BY LIST (id);
  CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);
  CREATE PROCEDURE note(n int) LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (n); COMMIT; END $$`;
const STATEMENTS = [
  'INSERT INTO log VALUES (1)',
  "ALTER TYPE word ADD VALUE 'b'",
  'CREATE TABLE half (id int)',
  'CREATE INDEX CONCURRENTLY ON big (t)',
  'CREATE INDEX CONCURRENTLY named ON big (t, id)',
  'DROP INDEX CONCURRENTLY old',
  'REINDEX INDEX CONCURRENTLY kept',
  'ALTER TABLE parts DETACH PARTITION part CONCURRENTLY',
  'VACUUM big',
  'INSERT INTO log VALUES (2)',
  'CALL note(3)',
  'INSERT INTO log VALUES (4)',
];
const AFTER = {
  log: [1, 2, 3, 4],
  indexes: ['big_t_idx', 'kept', 'named'],
  words: ['a', 'b'],
  half: true,
  parts: 0,
};

let template: TestDatabase;
beforeAll(async () => {
  template = await freshDatabase();
  await template.query(BEFORE);
});
afterAll(() => template.drop());

async function found(database: TestDatabase) {
  const [row] = await database.query(`SELECT (SELECT array_agg(n ORDER BY n) FROM log) AS log,
    (SELECT array_agg(c.relname::text || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END ORDER BY c.relname)
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'big'::regclass) AS indexes,
    (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = 'word'::regtype) AS words,
    to_regclass('half') IS NOT NULL AS half, (SELECT count(*)::int FROM pg_inherits WHERE inhparent = 'parts'::regclass) AS parts`);
  return row;
}

const revisions = () =>
  folderWith({
    'a.sql': sql('a', {
      header: '-- @transaction none',
      upgrade: `${STATEMENTS.join(';\n')};`,
      downgrade: 'SELECT 1;',
    }),
  });

/** Runs it with one message lost, then until it is through. @returns how often somebody was asked */
async function loseOne(
  which: number,
  how: 'question' | 'answer',
): Promise<{ lost: string | null; asked: number }> {
  const database = await freshDatabase(template.name);
  try {
    const folder = revisions();
    let count = 0;
    const proxy = await losingProxy(database.url, () => count++ === which, how);
    const first = await upgrade({ revisions: folder, database: proxy.url }).catch(
      (error: RevgraphError) => error,
    );
    if (proxy.lost() === null) return { lost: null, asked: 0 };
    let asked = 0;
    if (first instanceof Error)
      for (let tries = 0; tries < 3; tries++) {
        const run = await upgrade({ revisions: folder, database: database.url }).catch(
          (error: RevgraphError) => error,
        );
        if (!(run instanceof Error)) break;
        expect(run).toMatchObject({ code: 'unfinished_step', exitValue: 4 });
        expect(run.message).toContain('CALL note(3)');
        asked += 1;
        const done = (await database.query('SELECT FROM log WHERE n = 3')).length > 0;
        await retry({ revisions: folder, database: database.url, revision: 'a', done });
      }
    expect({ which, how, lost: proxy.lost(), ...(await found(database)) }).toMatchObject(AFTER);
    return { lost: proxy.lost(), asked };
  } finally {
    await database.drop();
  }
}

test.each(['question', 'answer'] as const)('each effect is there once, whichever %s is lost', async (how) => {
  let asked = 0;
  for (let which = 0; ; which++) {
    const end = await loseOne(which, how);
    if (end.lost === null) break;
    asked += end.asked;
  }
  // Of the procedure that commits nobody can tell.
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(6);
});

/** Runs until the statement waits for `holder`, ends its backend, and runs again. @returns warnings of the second run */
async function interrupted(database: TestDatabase, statement: string): Promise<string[]> {
  const folder = folderWith({
    'a.sql': sql('a', { header: '-- @transaction none', upgrade: `${statement};`, downgrade: 'SELECT 1;' }),
  });
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query(
    'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM big; INSERT INTO log VALUES (0)',
  );
  const first = upgrade({ revisions: folder, database: database.url, preflight: 'off' }).catch(
    (error: RevgraphError) => error,
  );
  const building = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'revgraph' AND query LIKE '%CONCURRENTLY%' AND wait_event_type = 'Lock'`;
  for (let tries = 0; tries < 500 && (await database.query(building)).length === 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await database.query(`SELECT pg_terminate_backend(pid) FROM (${building}) AS b`);
  expect(await first).toMatchObject({ code: 'step_failed' });
  await holder.query('ROLLBACK');
  await holder.end();
  const said: string[] = [];
  const onEvent = (event: Event) => event.type === 'warning' && said.push(event.message);
  await upgrade({ revisions: folder, database: database.url, onEvent });
  return said;
}

test.each([
  [
    'an index without a name',
    'CREATE INDEX CONCURRENTLY ON big (t)',
    'big_t_idx',
    ['big_t_idx', 'kept', 'old'],
  ],
  ['a rebuilt index', 'REINDEX INDEX CONCURRENTLY kept', 'kept_ccnew', ['kept', 'old']],
  ['the rebuilt indexes of a table', 'REINDEX TABLE CONCURRENTLY big', 'old_ccnew', ['kept', 'old']],
])(
  '%s that an interrupted build left invalid is dropped, and built again',
  async (_, statement, dropped, indexes) => {
    const database = await freshDatabase(template.name);
    onTestFinished(() => database.drop());
    expect((await interrupted(database, statement)).join()).toContain(dropped);
    expect((await interruptedLeft(database)).indexes).toEqual(indexes);
  },
);

const interruptedLeft = async (database: TestDatabase) => (await found(database)) as { indexes: string[] };

test('a statement in doubt that was edited since is not run in its place', async () => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  const file = (call: string) =>
    folderWith({
      'a.sql': sql('a', {
        header: '-- @transaction none',
        upgrade: `INSERT INTO log VALUES (1);\n${call}INSERT INTO log VALUES (2);`,
        downgrade: 'SELECT 1;',
      }),
    });
  const original = file('CALL note(3);\n');
  // It is tried inside a transaction first, which it does not suffer.
  let calls = 0;
  const isSecond = (text: string) =>
    /CALL note\(3\)/.test(text) && !text.includes('revgraph_ledger') && ++calls === 2;
  const proxy = await losingProxy(database.url, isSecond, 'answer');
  await expect(upgrade({ revisions: original, database: proxy.url })).rejects.toThrow();
  for (const other of ['CALL note(5);\n', 'SELECT 1;\nCALL note(3);\n', ''])
    await expect(upgrade({ revisions: file(other), database: database.url })).rejects.toMatchObject({
      code: 'unfinished_step',
      hint: expect.stringContaining('edited since'),
    });
  expect((await found(database))?.log).toEqual([1, 3]);
  const doubt = { halfDone: [{ revision: 'a', direction: 'upgrade', finished: 1, inDoubt: true }] };
  expect(await status({ revisions: original, database: database.url })).toMatchObject(doubt);
  await retry({ revisions: original, database: database.url, revision: 'a', done: true });
  await upgrade({ revisions: original, database: database.url });
  expect((await found(database))?.log).toEqual([1, 2, 3]);
});

test('an invalid index of somebody else is left alone', async () => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  // As another one's failed build leaves it.
  await database.query('INSERT INTO big VALUES (1, 1), (1, 1)');
  await database.query('CREATE UNIQUE INDEX CONCURRENTLY theirs ON big (id)').catch(() => {});
  await interrupted(database, 'CREATE INDEX CONCURRENTLY ON big (t)');
  expect((await interruptedLeft(database)).indexes).toEqual(['big_t_idx', 'kept', 'old', 'theirs invalid']);
});

test('finished statements that were edited since are not run again by themselves', async () => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  const files = (first: string, header = '') =>
    folderWith({
      'a.sql': sql('a', {
        header: `-- @transaction none${header}`,
        upgrade: `${first};\nINSERT INTO log VALUES (2);\nSELECT 1 / (SELECT count(*) FROM half2);`,
        downgrade: 'SELECT 1;',
      }),
    });
  const on = (folder: string) => ({ revisions: folder, database: database.url });
  await upgrade(on(files('INSERT INTO log VALUES (1)'))).catch(() => {});
  const again = upgrade(on(files('INSERT INTO log VALUES (11)')));
  await expect(again).rejects.toMatchObject({ code: 'unfinished_step', exitValue: 4 });
  expect((await found(database))?.log).toEqual([1, 2]);
  await database.query('CREATE TABLE half2 AS SELECT 1');
  await upgrade(on(files('INSERT INTO log VALUES (11)', '\n-- @idempotent')));
  expect((await found(database))?.log).toEqual([1, 2, 2, 11]);
});

test('there is nothing to be tried again of what ended well, or never began', async () => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  const on = {
    revisions: folderWith({ 'a.sql': sql('a', { upgrade: 'SELECT 1;' }) }),
    database: database.url,
    revision: 'a',
  };
  await expect(retry(on)).rejects.toMatchObject({ code: 'nothing_to_retry', exitValue: 2 });
  await upgrade(on);
  await expect(retry(on)).rejects.toMatchObject({ code: 'nothing_to_retry' });
});

test.each([
  ['commits and fails is in doubt', 'commit; ', [1, 3]],
  ['fails alone has left nothing, and is run again', '', [1]],
])('a procedure that %s', async (_, commit, left) => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  await database.query(
    `CREATE PROCEDURE try(i int) LANGUAGE plpgsql AS $$ begin
       insert into log values (i); ${commit}if not exists (select from log where n = 9) then raise 'not yet'; end if; end $$`,
  );
  const at = {
    revisions: folderWith({
      'a.sql': sql('a', {
        header: '-- @transaction none',
        upgrade: 'INSERT INTO log VALUES (1);\nCALL try(3);',
      }),
    }),
    database: database.url,
  };
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'step_failed' });
  expect((await found(database))?.log).toEqual(left);
  await database.query('INSERT INTO log VALUES (9)');
  if (commit === '') {
    await upgrade(at);
    expect((await found(database))?.log).toEqual([1, 3, 9]);
    return;
  }
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'unfinished_step' });
  await retry({ ...at, revision: 'a', done: true });
  await upgrade(at);
  expect((await found(database))?.log).toEqual([1, 3, 9]);
});

test('what is decided of it under a new name counts for code that has the old one', async () => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  await database.query(
    "CREATE PROCEDURE fails() LANGUAGE plpgsql AS $$ begin insert into log values (3); commit; raise 'no'; end $$",
  );
  const code = (revision: string, header: string) => ({
    revisions: folderWith({
      'a.sql': sql(revision, {
        header: `-- @transaction none${header}`,
        upgrade: 'CALL fails();\nINSERT INTO log VALUES (4);',
      }),
    }),
    database: database.url,
  });
  const [old, renamed] = [code('n', ''), code('nn', '\n-- @formerly n')];
  await expect(upgrade(old)).rejects.toMatchObject({ code: 'step_failed' });
  await retry({ ...renamed, revision: 'nn', done: true });
  await upgrade(old);
  expect((await found(database))?.log).toEqual([3, 4]);
  expect(await status(renamed)).toMatchObject({ state: 'current' });
});
