import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  boot,
  check,
  defineRevision,
  loadProject,
  type RevgraphError,
  readiness,
  repair,
  undo,
  upgrade,
  verify,
} from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { run as runCommand } from '../support/command-line.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* Checks of applied revisions, asked again: a ─ b ─ c, where c ends a check of a. */

async function fresh(): Promise<TestDatabase> {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  return database;
}

const inFolder =
  (folder: string) =>
  (...args: string[]) =>
    runCommand(folder, args);

const failure = (action: Promise<unknown>): Promise<RevgraphError> =>
  action.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: RevgraphError) => error,
  );

const A = (until = '') =>
  sql('a', {
    upgrade: 'CREATE TABLE people (id int, email text); INSERT INTO people VALUES (1, NULL);',
    more: `-- @verify "preferences are text" expect text${until}\nSELECT 'text';\n-- @verify "nobody without a name" expect none\nSELECT id FROM people WHERE email = 'nobody';`,
    downgrade: 'DROP TABLE people;',
  });
const FILES = {
  'a.sql': A(' until c'),
  'b.sql': sql('b', {
    revises: 'a',
    upgrade: 'CREATE SEQUENCE asked;',
    more: '-- @verify "asked once" expect 1\nSELECT nextval(\'asked\');',
    downgrade: 'DROP SEQUENCE asked;',
  }),
  'c.mjs': `/**\n * Words\n * @revision c\n * @revises b\n */
export const upgrade = ({ db }) => db.query('ALTER TABLE people ADD COLUMN x int');
export const downgrade = ({ db }) => db.query('ALTER TABLE people DROP COLUMN x');
export const verify = [{ title: 'x is there', sql: 'SELECT count(x) FROM people', expect: 0 }];
`,
};

describe('verify', () => {
  test('asks every check that stands, in transactions that leave nothing, and stops at none', async () => {
    const database = await fresh();
    const options = { revisions: folderWith(FILES), database: database.url };
    expect(await verify(options)).toEqual({ ok: true, checks: [], ended: [] });
    await upgrade({ ...options, target: 'b', verify: false });
    await database.query("INSERT INTO people VALUES (7, 'nobody'), (8, 'nobody')");
    const file = join(options.revisions, 'a.sql');
    // b's own step asked once; this asks again, and a sequence takes nothing back.
    expect(await verify(options)).toEqual({
      ok: false,
      checks: [
        {
          revision: 'a',
          title: 'preferences are text',
          expected: 'text',
          found: 'text',
          ok: true,
          file,
          line: 8,
          rows: [],
        },
        {
          revision: 'a',
          title: 'nobody without a name',
          expected: 'no rows',
          found: '2 rows',
          ok: false,
          file,
          line: 10,
          rows: [{ id: 7 }, { id: 8 }],
        },
        expect.objectContaining({ revision: 'b', expected: '1', found: '2', ok: false }),
      ],
      ended: [],
    });
    await upgrade({ ...options, verify: false });
    const found = await verify({
      ...options,
      checks: [
        { title: 'one', sql: 'SELECT count(*) FROM people', expect: 3 },
        { title: 'broken', sql: 'SELECT nothing FROM nowhere' },
        { title: 'slow', sql: 'SELECT pg_sleep(5)', expect: '' },
        {
          title: 'function',
          sql: "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 4'; SELECT pg_temp.f()",
          expect: 4,
        },
        { title: 'deletes', sql: 'DELETE FROM people RETURNING id', expect: 1 },
      ],
      statementTimeoutMs: 100,
    });
    expect(
      found.checks.map(({ revision, title, found, ok, file }) => [revision, title, found, ok, file === null]),
    ).toEqual([
      ['a', 'nobody without a name', '2 rows', false, false],
      ['b', 'asked once', '3', false, false],
      ['c', 'x is there', '0', true, false],
      [null, 'one', '3', true, true],
      [null, 'broken', 'an error: relation "nowhere" does not exist', false, true],
      [null, 'slow', 'an error: canceling statement due to statement timeout', false, true],
      [null, 'function', '4', true, true],
      [null, 'deletes', '1', true, true],
    ]);
    expect(found.ended).toEqual([{ revision: 'a', title: 'preferences are text', until: 'c' }]);
    expect(await database.query('SELECT count(*)::int AS n FROM people')).toEqual([{ n: 3 }]);
  });

  test('what ended a check and was undone lets it stand again', async () => {
    const database = await fresh();
    const revisions = [
      defineRevision({
        revision: 'a',
        upgrade: 'SELECT 1',
        downgrade: 'SELECT 1',
        verify: { title: 't', sql: 'SELECT true', until: 'b' },
      }),
      defineRevision({ revision: 'b', revises: 'a', upgrade: 'SELECT 1', downgrade: 'SELECT 1' }),
    ];
    const options = { revisions, database: database.url };
    await upgrade(options);
    expect((await verify(options)).ended).toHaveLength(1);
    await undo({ ...options, target: 'b' });
    expect(await verify(options)).toMatchObject({
      ended: [],
      checks: [{ revision: 'a', ok: true, file: 'a', line: 1 }],
    });
  });

  test('on PGlite', async () => {
    const pglite = await freshPGlite();
    onTestFinished(() => pglite.close());
    const options = { revisions: folderWith(FILES), database: pglite };
    await upgrade({ ...options, verify: false });
    expect((await verify(options)).checks.map(({ ok }) => ok)).toEqual([true, false, true]);
  });

  test('as a command: text, one document, exit value, and the checks of the configuration', async () => {
    const database = await fresh();
    const config = {
      url: database.url,
      checks: [{ title: 'somebody', sql: 'SELECT count(*) FROM people', expect: 1 }],
    };
    const folder = folderWith({
      'revisions/a.sql': FILES['a.sql'],
      'revisions/c.sql': sql('c', { revises: 'a', upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
      'revgraph.config.json': JSON.stringify(config),
    });
    const run = inFolder(folder);
    expect((await run('upgrade')).exitValue).toBe(0);
    const good = await run('verify');
    expect([good.exitValue, good.stdout]).toEqual([0, expect.stringContaining('2 checks pass.')]);
    expect(good.stdout).toContain('ended by c');
    await database.query('DELETE FROM people');
    const bad = await run('verify', '--json');
    expect(bad.exitValue).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      ok: false,
      checks: [
        { ok: true },
        { revision: null, expected: '1', found: '0', ok: false, file: null, line: null },
      ],
    });
    expect((await run('verify')).stdout).toContain('✗ "somebody" of the configuration: expected 1, found 0');
  });
});

describe('after an upgrade', () => {
  const LATER = {
    ...FILES,
    'd.sql': sql('d', {
      revises: 'c',
      upgrade: 'DELETE FROM people; DROP SEQUENCE asked;',
      downgrade: 'SELECT 1;',
    }),
    'e.sql': sql('e', { revises: 'd', upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
  };

  test('the checks of the last step are not asked twice, those of earlier ones are', async () => {
    const database = await fresh();
    const revisions = folderWith(FILES);
    await upgrade({ revisions, database: database.url, target: 'b' });
    expect(await database.query('SELECT last_value::int AS n FROM asked')).toEqual([{ n: 1 }]);
    const error = await failure(upgrade({ revisions, database: database.url }));
    expect(error).toMatchObject({
      code: 'verify_failed',
      details: { failed: [{ revision: 'b', found: '2' }] },
    });
  });

  test('a check that fails is told: what is applied, which check, and that it stays applied', async () => {
    const database = await fresh();
    const folder = folderWith(
      Object.fromEntries(Object.entries(LATER).map(([name, text]) => [`revisions/${name}`, text])),
    );
    const run = inFolder(folder);
    const result = await run('upgrade', '--url', database.url, '--json');
    expect(result.exitValue).toBe(1);
    const { error } = JSON.parse(result.stdout);
    expect(error).toMatchObject({
      code: 'verify_failed',
      details: {
        applied: ['a', 'b', 'c', 'd', 'e'],
        failed: [{ revision: 'b', found: expect.stringContaining('does not exist'), line: 9 }],
      },
    });
    expect(error.message).toContain('a, b, c, d and 1 more are applied, but 1 of 3 checks fails afterwards');
    expect(error.hint).toContain('revgraph verify');
    expect(await database.query('SELECT revision FROM revgraph_version')).toEqual([{ revision: 'e' }]);
    expect((await run('upgrade', '--url', database.url)).exitValue).toBe(0);
  });

  test.each([['--no-verify'], ['--no-verify', '--quiet']])('%s leaves them out', async (...flags) => {
    const database = await fresh();
    const run = inFolder(
      folderWith(
        Object.fromEntries(Object.entries(LATER).map(([name, text]) => [`revisions/${name}`, text])),
      ),
    );
    expect((await run('upgrade', '--url', database.url, ...flags)).exitValue).toBe(0);
  });

  test('checks that are configured are asked where nothing is pending, by boot too', async () => {
    const checks = [{ title: 'nobody', sql: 'SELECT count(*) FROM people', expect: 0 }];
    const revisions = folderWith({
      'a.sql': A(),
      'b.sql': sql('b', { revises: 'a', upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
    });
    for (const bring of [upgrade, boot]) {
      const database = await fresh();
      const options = { revisions, database: database.url, checks };
      await bring({ ...options, target: 'a' });
      expect(await failure(bring(options))).toMatchObject({
        code: 'verify_failed',
        details: { applied: ['b'], failed: [{ revision: null, title: 'nobody', found: '1' }] },
      });
      // Nothing runs, nothing is asked.
      await bring(options);
    }
  });

  test('a repair below what stays does not ask a check that is over', async () => {
    const database = await fresh();
    const revisions = folderWith({
      'a.sql': sql('a', { upgrade: 'CREATE TABLE t (kind text);', downgrade: 'DROP TABLE t;' }),
      'b.sql': sql('b', {
        revises: 'a',
        header: '-- @idempotent',
        upgrade: "INSERT INTO t VALUES ('b');",
        more: '-- @verify "no column more" expect 0 until c\nSELECT count(*) FROM pg_attribute WHERE attname = \'more\';',
        downgrade: 'SELECT 1;',
      }),
      'c.sql': sql('c', {
        revises: 'b',
        upgrade: 'ALTER TABLE t ADD COLUMN more int;',
        downgrade: 'SELECT 1;',
      }),
    });
    const options = { revisions, database: database.url };
    await catalogueOf(revisions);
    await upgrade(options);
    expect((await repair({ ...options, run: ['b'], reason: 'its row was lost' })).steps).toMatchObject([
      { revision: 'b' },
    ]);
    expect(await verify(options)).toMatchObject({ ok: true, ended: [{ revision: 'b', until: 'c' }] });
  });

  test('what can not be read stops it before anything runs', async () => {
    const database = await fresh();
    const revisions = folderWith({
      'a.sql': A(' until z'),
      'b.sql': sql('b', { revises: 'a', upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
    });
    const error = await failure(upgrade({ revisions, database: database.url }));
    expect(error).toMatchObject({ code: 'graph_invalid' });
    expect(error.message).toContain(
      'a.sql:7: @verify "preferences are text" has until z, which is not a revision',
    );
    expect(await database.query("SELECT to_regclass('people') AS people")).toEqual([{ people: null }]);
  });
});

describe('until', () => {
  test.each([
    [' until a', 'has until a, which does not follow a'],
    [' until nobody', 'has until nobody, which is not a revision'],
    [' until head', 'is not valid'],
  ])('%s is a problem that check tells', async (until, says) => {
    const result = await check({ revisions: folderWith({ 'a.sql': A(until) }) });
    expect(result.problems.map(({ message }) => message).join()).toContain(says);
  });

  test('a precheck has none', async () => {
    const more = '-- @precheck "p" expect 1 until a\nSELECT 1;';
    const revisions = folderWith({
      'a.sql': sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;', more }),
    });
    expect((await check({ revisions })).problems[0]?.message).toContain('@precheck does not accept until');
    const given = { title: 'p', sql: 'SELECT 1', until: 'b' };
    expect(() => defineRevision({ revision: 'a', upgrade: 'SELECT 1', precheck: given })).toThrow(
      'precheck has until',
    );
  });

  const checksumOf = async (revisions: Parameters<typeof loadProject>[0]): Promise<string | undefined> =>
    (await (await loadProject(revisions)).revisions.get('a')?.body())?.checksum;

  test('does not change the checksum: of SQL, of code however it is written, of an object', async () => {
    expect(await checksumOf(folderWith({ 'a.sql': A(' until b') }))).toBe(
      await checksumOf(folderWith({ 'a.sql': A() })),
    );
    expect(await checksumOf(folderWith({ 'a.sql': A('s') }))).not.toBe(
      await checksumOf(folderWith({ 'a.sql': A() })),
    );
    const code = (one: string) =>
      folderWith({
        'a.mjs': `/**\n * @revision a\n */\nexport const upgrade = () => {};\nexport const verify = ${one};\n`,
      });
    for (const [before, after] of [
      ["{ title: 't', sql: 'SELECT true' }", "{ title: 't', sql: 'SELECT true', until: 'b' }"],
      ["{ title: 't', sql: 'SELECT true' }", "{ title: 't', until: \"b\", sql: 'SELECT true' }"],
      [
        "{\n  title: 't',\n  sql: 'SELECT true',\n}",
        "{\n  title: 't',\n  sql: 'SELECT true',\n  until: 'a71d62f22c10',\n}",
      ],
    ] as const)
      expect(await checksumOf(code(after))).toBe(await checksumOf(code(before)));
    expect(await checksumOf(code("{ title: 't', sql: 'SELECT 1' }"))).not.toBe(
      await checksumOf(code("{ title: 't', sql: 'SELECT 2' }")),
    );
    const object = (until?: string) => [
      defineRevision({
        revision: 'a',
        upgrade: 'SELECT 1',
        verify: { title: 't', sql: 'SELECT true', until },
      }),
    ];
    expect(await checksumOf(object('b'))).toBe(await checksumOf(object()));
  });
});

describe('readiness', () => {
  test('with verify it is ready only if the checks pass', async () => {
    const database = await fresh();
    const options = { revisions: folderWith({ 'a.sql': A() }), database: database.url, ttlMs: 0 };
    expect(await readiness({ ...options, verify: true }).check()).toMatchObject({
      ready: false,
      state: 'empty',
      checks: null,
    });
    await upgrade(options);
    expect(await readiness(options).check()).toMatchObject({ ready: true, checks: null });
    expect(await readiness({ ...options, verify: true }).check()).toMatchObject({
      ready: true,
      checks: { ok: true, failed: [] },
    });
    await database.query("INSERT INTO people VALUES (7, 'nobody')");
    expect(await readiness({ ...options, verify: true }).check()).toMatchObject({
      ready: false,
      state: 'current',
      error: null,
      checks: {
        ok: false,
        failed: [{ revision: 'a', title: 'nobody without a name', found: 'this row', rows: [{ id: 7 }] }],
      },
    });
  });

  test('a look that takes too long says so by a code of its own', async () => {
    const database = await fresh();
    const revisions = folderWith({ 'a.sql': A() });
    await upgrade({ revisions, database: database.url });
    const blocker = new pg.Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE revgraph_version');
    const answer = await readiness({ revisions, database: database.url, timeoutMs: 200 }).check();
    expect(answer).toMatchObject({ ready: false, state: 'unreachable', error: { code: 'timed_out' } });
    await blocker.end();
  });
});

test('of thousands of files only those with checks are read', async () => {
  const revisions = folderWith(FILES);
  const project = await loadProject(revisions);
  expect(project.revisions.get('a')?.mentions?.('verify')).toBe(true);
  const plain = join(revisions, 'plain.sql');
  writeFileSync(plain, sql('p', { upgrade: 'SELECT 1;' }));
  expect(readFileSync(plain, 'utf8')).not.toContain('verify');
  expect((await loadProject(revisions)).revisions.get('p')?.mentions?.('verify')).toBe(false);
});
