import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RevgraphError, status, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* a ─ b ─ c: b fails in its third statement */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const files = (third: string) => ({
  'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }),
  'b.sql': sql('b', {
    revises: 'a',
    upgrade: `CREATE TABLE b1 (id int);\nCREATE TABLE b2 (id int);\n${third}`,
    downgrade: 'DROP TABLE b1;',
  }),
  'c.sql': sql('c', { revises: 'b', upgrade: 'CREATE TABLE c (id int);', downgrade: 'DROP TABLE c;' }),
});

async function failure(action: Promise<unknown>): Promise<RevgraphError> {
  return action.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: RevgraphError) => error,
  );
}

describe('a revision that fails in its third statement', () => {
  const third = "-- more\nINSERT INTO b1\n  VALUES ('x');";

  test('leaves nothing, and says file, line, statement, SQLSTATE and the next command', async () => {
    const folder = folderWith(files(third));
    const error = await failure(upgrade({ revisions: folder, database: database.url }));
    expect(error).toMatchObject({
      code: 'step_failed',
      exitValue: 1,
      details: { applied: ['a'], failed: 'b', remaining: ['c'], sqlstate: '22P02', remains: 'nothing' },
    });
    const file = join(folder, 'b.sql');
    expect(error.message).toContain(`${file}:11`);
    expect(error.message).toContain('INSERT INTO b1 VALUES');
    expect(error.message).toContain('22P02');
    expect(error.hint).toContain('revgraph upgrade head');
    expect((error.cause as { code?: string }).code).toBe('22P02');
    expect(
      await database.query(
        "SELECT to_regclass('b1') AS b1, to_regclass('b2') AS b2, to_regclass('a')::text AS a",
      ),
    ).toEqual([{ b1: null, b2: null, a: 'a' }]);
    expect((await status({ revisions: folder, database: database.url })).current).toEqual(['a']);
  });

  test('is in the ledger', async () => {
    const rows = await database.query(
      "SELECT revision, outcome, sqlstate, statement, parents, rows_from, rows_to FROM revgraph_ledger WHERE outcome = 'failed'",
    );
    expect(rows).toEqual([
      {
        revision: 'b',
        outcome: 'failed',
        sqlstate: '22P02',
        statement: expect.stringContaining('INSERT INTO b1'),
        parents: ['a'],
        rows_from: ['a'],
        rows_to: ['a'],
      },
    ]);
  });

  test('runs when it is mended', async () => {
    const folder = folderWith(files('INSERT INTO b1 VALUES (1);'));
    const { steps, to } = await upgrade({ revisions: folder, database: database.url });
    expect([steps.map((step) => step.revision), to]).toEqual([['b', 'c'], ['c']]);
  });
});

describe('what also counts as a failure', () => {
  test.each([
    [
      'an error that code swallows, after which PostgreSQL rolls back at COMMIT',
      'await db.query("SELECT 1/0").catch(() => {});',
      /ignored the error/,
    ],
    [
      'an error of code that is no error of the database',
      'throw new TypeError("no such thing");',
      /no such thing/,
    ],
  ])('%s', async (_, body, reason) => {
    const own = await freshDatabase();
    const code = `/**\n * @revision x\n */\nexport async function upgrade({ db }) {\n  await db.query('CREATE TABLE x (id int)');\n  ${body}\n}\nexport async function downgrade() {}\n`;
    const folder = folderWith({ 'x.mjs': code });
    const error = await failure(upgrade({ revisions: folder, database: own.url }));
    expect(error).toMatchObject({ code: 'step_failed', details: { failed: 'x', remains: 'nothing' } });
    expect(error.message).toMatch(reason);
    expect(await own.query("SELECT to_regclass('x') AS x, to_regclass('revgraph_version') AS v")).toEqual([
      { x: null, v: null },
    ]);
    await own.drop();
  });

  test.each([
    [
      'COMMIT in code, which would end the transaction of the step',
      "await db.query('commit');",
      /is not allowed in a revision/,
    ],
    ['ROLLBACK among other statements', "await db.query('rollback; begin');", /is not allowed in a revision/],
    ['a query that nobody waits for', "db.query('SELECT 1/0');", /division by zero/],
    ['something thrown that has no text', 'throw Object.create(null);', /without a text/],
  ])('%s', async (_, body, reason) => {
    const own = await freshDatabase();
    const code = `/**\n * @revision x\n */\nexport async function upgrade({ db }) {\n  await db.query('CREATE TABLE x (id int)');\n  ${body}\n}\nexport async function downgrade() {}\n`;
    const error = await failure(upgrade({ revisions: folderWith({ 'x.mjs': code }), database: own.url }));
    expect(error).toMatchObject({ code: 'step_failed', details: { failed: 'x', remains: 'nothing' } });
    expect(error.message).toMatch(reason);
    expect(await own.query("SELECT to_regclass('x') AS x")).toEqual([{ x: null }]);
    await own.drop();
  });

  test('a @verify that finds something else: nothing of the revision remains', async () => {
    const own = await freshDatabase();
    const folder = folderWith({
      'a.sql': sql('a', {
        upgrade: 'CREATE TABLE a (id int);',
        more: '-- @verify "a has a row" expect 1\nSELECT count(*) FROM a;',
        downgrade: 'DROP TABLE a;',
      }),
    });
    const error = await failure(upgrade({ revisions: folder, database: own.url }));
    expect(error.message).toMatch(/a\.sql:8: verify "a has a row" of a failed: expected 1, found 0/);
    expect(await own.query("SELECT to_regclass('a') AS a")).toEqual([{ a: null }]);
    await own.drop();
  });

  test('a line in a code revision is the line of the call', async () => {
    const own = await freshDatabase();
    const code = `/**\n * @revision x\n */\nexport async function upgrade({ db }) {\n  await db.query('SELECT 1');\n  await db.query('SELECT nothing');\n}\n`;
    const folder = folderWith({ 'x.mjs': code });
    const error = await failure(upgrade({ revisions: folder, database: own.url }));
    expect(error.message).toContain('x.mjs:6');
    await own.drop();
  });
});
