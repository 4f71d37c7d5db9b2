import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import {
  check,
  downgrade,
  heads,
  type SquashOptions,
  squash,
  stamp,
  status,
  upgrade,
} from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* One revision that takes the place of several, proven before it is written. */

/** Proven on the test server; the command line below does it embedded. */
const squashed = (options: SquashOptions) => squash({ ...options, on: inject('serverUrl') });

const project = (files: Readonly<Record<string, string>>): string =>
  join(
    folderWith(Object.fromEntries(Object.entries(files).map(([name, text]) => [`revisions/${name}`, text]))),
    'revisions',
  );

const LINE = {
  'a.sql': sql('a', {
    header: '-- @requires postgres >=14',
    upgrade:
      'CREATE TABLE t (id serial PRIMARY KEY, made timestamptz DEFAULT clock_timestamp());\n-- no @tag\nINSERT INTO t DEFAULT VALUES',
    downgrade: 'DROP TABLE t;',
  }),
  'b.sql': sql('b', {
    revises: 'a',
    upgrade: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS t_made ON t (made); VACUUM t;',
    more: '-- @verify "nothing is said" until c\nSELECT to_regproc(\'said\') IS NULL;\n-- @verify "no d" until d\nSELECT to_regclass(\'d\') IS NULL;',
    downgrade: 'DROP INDEX CONCURRENTLY t_made;',
  }),
  'c.sql': sql('c', {
    revises: 'b',
    header: '-- @label main\n-- @loses "what is \\"said\\""',
    upgrade: `CREATE FUNCTION said() RETURNS text LANGUAGE sql AS $$ SELECT '-- @downgrade'; $$ -- the end`,
    more: '-- @verify "it is said" expect -- @downgrade\nSELECT said();',
    downgrade: 'DROP FUNCTION said();',
  }),
  'd.sql': sql('d', { revises: 'c', upgrade: 'CREATE TABLE d (id int);', downgrade: 'DROP TABLE d;' }),
};

describe('a squash', () => {
  test('is written, proven, and takes the place of the files', async () => {
    const revisions = project({ ...LINE, 'catalogue.json': '{}' });
    const made = await squashed({ revisions, range: 'c', id: 'abc', message: 'up to c', confirmed: true });
    expect(made).toMatchObject({
      revision: 'abc',
      replaces: ['a', 'b', 'c'],
      revises: [],
      proof: { rows: 1, differs: ['"public"."t"."made"'] },
      dryRun: false,
    });
    expect(made.review.map(({ revision, why }) => `${revision}: ${why}`)).toEqual([
      'a: it writes rows',
      'b: CREATE INDEX CONCURRENTLY became a statement of a transaction',
      'b: VACUUM was left out',
    ]);
    expect(readdirSync(revisions).sort()).toEqual(['abc_up_to_c.sql', 'catalogue.json', 'd.sql']);
    expect(readFileSync(made.file, 'utf8')).toBe(made.text);
    expect(made.text).toMatchInlineSnapshot(`
      "-- up to c
      --
      -- @revision abc
      -- @label main
      -- @replaces a, b, c
      -- @requires postgres >=14
      -- @loses "what is \\"said\\""

      -- @upgrade

      -- of a: Revision a of a test
      CREATE TABLE t (id serial PRIMARY KEY, made timestamptz DEFAULT clock_timestamp());
      -- no @tag
      INSERT INTO t DEFAULT VALUES
      ;

      -- of b: Revision b of a test
      CREATE INDEX IF NOT EXISTS t_made ON t (made);

      -- of c: Revision c of a test
      CREATE FUNCTION said() RETURNS text LANGUAGE sql AS $$ SELECT '-- @downgrade'; $$ -- the end
      ;

      -- @verify "no d" until d
      SELECT to_regclass('d') IS NULL;

      -- @verify "it is said" expect -- @downgrade
      SELECT said();

      -- @downgrade

      -- of c: Revision c of a test
      DROP FUNCTION said();

      -- of b: Revision b of a test
      DROP INDEX t_made;

      -- of a: Revision a of a test
      DROP TABLE t;
      "
    `);
    expect(await check({ revisions })).toMatchObject({ ok: true });
    expect(await heads({ revisions })).toMatchObject([{ revision: 'd' }]);
  });

  test('serves databases past it, on it, of before it, and none', async () => {
    const old = project(LINE);
    const revisions = project(LINE);
    const databases = await Promise.all([freshDatabase(), freshDatabase(), freshDatabase(), freshDatabase()]);
    const [past, on, below, none] = databases.map(({ url }) => url) as [string, string, string, string];
    await upgrade({ revisions: old, database: past });
    await upgrade({ revisions: old, database: on, target: 'c' });
    await upgrade({ revisions: old, database: below, target: 'b' });
    await squashed({ revisions, range: 'base:c', id: 'abc', confirmed: true });
    expect(await status({ revisions, database: past })).toMatchObject({ state: 'current' });
    const steps = async (database: string) =>
      (await upgrade({ revisions, database })).steps.map(({ revision }) => revision);
    expect([await steps(past), await steps(on), await steps(none)]).toEqual([[], ['d'], ['abc', 'd']]);
    await expect(upgrade({ revisions, database: below })).rejects.toMatchObject({
      code: 'below_squash',
      details: { missing: ['c'] },
    });
    expect((await downgrade({ revisions, database: none, target: 'base' })).steps).toHaveLength(2);
    await Promise.all(databases.map((database) => database.drop()));
  });

  test('is code left out where an empty database is the same without it, and else refused with the difference', async () => {
    const code = (body: string) =>
      `/**\n * code\n *\n * @revision m\n * @revises a\n */\nexport async function upgrade({ db }) { ${body} }\n`;
    const after = sql('z', { revises: 'm', upgrade: 'CREATE TABLE z ();', downgrade: 'DROP TABLE z;' });
    const harmless = project({
      'a.sql': LINE['a.sql'],
      'm.mjs': code("await db.query('UPDATE t SET made = now() WHERE id = 7')"),
      'z.sql': after,
    });
    const made = await squashed({ revisions: harmless, range: 'z', confirmed: true });
    expect(made.review.map(({ revision }) => revision)).toEqual(['a', 'm']);
    expect(made.text).toContain('@irreversible "m, which it took the place of, has no downgrade in SQL"');

    const needed = project({
      'a.sql': LINE['a.sql'],
      'm.mjs': code("await db.query('CREATE TABLE m (id int); INSERT INTO t DEFAULT VALUES')"),
      'z.sql': after,
    });
    await expect(squashed({ revisions: needed, range: 'z', confirmed: true })).rejects.toMatchObject({
      code: 'squash_differs',
      exitValue: 4,
      details: {
        missing: expect.arrayContaining(['column public.m.id: integer']),
        unexpected: [],
        rows: expect.arrayContaining([{ table: '"public"."t"', before: 2, after: 1 }]),
      },
    });
    expect(readdirSync(needed).sort()).toEqual(['a.sql', 'm.mjs', 'z.sql']);
  });

  test('a body, the order of columns and a right count, which facts leave out', async () => {
    const swap = (more: string) =>
      project({
        'a.sql': sql('a', {
          upgrade: 'CREATE TABLE t (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;',
        }),
        'b.mjs': `/**\n * @revision b\n * @revises a\n */\nexport const upgrade = ({ db }) => db.query(${JSON.stringify(more)});\n`,
      });
    for (const [more, line] of [
      ['CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 2 $$', 'function '],
      ['GRANT SELECT ON t TO public', 'relation public.t '],
      [
        'GRANT EXECUTE ON FUNCTION f() TO public; REVOKE ALL ON FUNCTION f() FROM public',
        'function public.f() of ',
      ],
      ['ALTER TABLE t REPLICA IDENTITY FULL', 'relation public.t '],
      ['GRANT SELECT (id) ON t TO public', 'columns public.t '],
      ['CREATE VIEW v AS SELECT 1 AS one', 'view '],
    ] as const)
      await expect(squashed({ revisions: swap(more), range: 'b', confirmed: true })).rejects.toMatchObject({
        code: 'squash_differs',
        details: { missing: expect.arrayContaining([expect.stringContaining(line)]) },
      });
  });

  test('rows that code changed are missed, though they are as many', async () => {
    const revisions = project({
      'a.sql': sql('a', { upgrade: "CREATE TABLE t (id int, n text); INSERT INTO t VALUES (1, 'seed');" }),
      'b.mjs': `/**\n * @revision b\n * @revises a\n */\nexport const upgrade = ({ db }) => db.query("UPDATE t SET n = 'fixed'");\n`,
    });
    await expect(squashed({ revisions, range: 'b', confirmed: true })).rejects.toMatchObject({
      code: 'squash_differs',
      details: { rows: [], values: ['"public"."t"."n"'] },
    });
  });

  test('the id of a part, and revisions with former names, are refused; what asks of a part is told', async () => {
    const revisions = project(LINE);
    await expect(squashed({ revisions, range: 'c', id: 'a', confirmed: true })).rejects.toMatchObject({
      code: 'squash_refused',
      message: expect.stringContaining("can't have the id a"),
    });
    await squashed({ revisions, range: 'c', id: 'abc', confirmed: true });
    const database = await freshDatabase();
    for (const action of [
      () => stamp({ revisions, database: database.url, target: 'b', confirmed: true, reason: 'x' }),
      () => downgrade({ revisions, database: database.url, target: '1.0.0', releases: { '1.0.0': 'b' } }),
      () => upgrade({ revisions, database: database.url, target: 'a' }),
    ])
      await expect(action()).rejects.toMatchObject({
        code: 'squashed_away',
        details: { squash: 'abc', last: 'c' },
      });
    // The last one stands for all of them.
    await upgrade({ revisions, database: database.url, target: 'c' });
    expect(await status({ revisions, database: database.url })).toMatchObject({ current: ['abc'] });
    await database.drop();
    const renamed = project({
      ...LINE,
      'b.sql': (LINE['b.sql'] ?? '').replace('-- @revision b', '-- @revision b\n-- @formerly b0'),
    });
    await expect(squashed({ revisions: renamed, range: 'c', confirmed: true })).rejects.toMatchObject({
      message: expect.stringContaining('b was renamed (@formerly)'),
    });
  });

  test('what never runs in a transaction, and a squash of a squash, is refused', async () => {
    const revisions = project({
      ...LINE,
      'b.sql': sql('b', { revises: 'a', upgrade: 'ALTER SYSTEM SET work_mem = 1;' }),
    });
    await expect(squashed({ revisions, range: 'c', confirmed: true })).rejects.toMatchObject({
      code: 'squash_refused',
      message: expect.stringContaining('ALTER SYSTEM never runs in a transaction'),
    });
    const twice = project(LINE);
    await squashed({ revisions: twice, range: 'b', id: 'ab', confirmed: true });
    await expect(squashed({ revisions: twice, range: 'c', confirmed: true })).rejects.toMatchObject({
      code: 'squash_refused',
      message: expect.stringContaining('ab is a squash itself'),
    });
    await expect(squashed({ revisions: twice })).rejects.toMatchObject({ code: 'squash_refused' });
  });
});

test('the command line asks before it deletes, and a dry run shows the file', async () => {
  const folder = join(
    project({
      ...LINE,
      '../revgraph.config.json': '{"releases":{"1.0.0":"a","2.0.0":"c"},"minimum":"2.0.0"}',
    }),
    '..',
  );
  const kept = await run(folder, ['squash']);
  expect([kept.exitValue, kept.stderr]).toEqual([4, expect.stringContaining('it deletes their files')]);
  const dry = await run(folder, ['squash', '--dry-run', '--rev-id', 'abc']);
  expect([dry.exitValue, dry.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^proven: \d+ facts.*-- @replaces a, b, c.*dry run: abc takes the place of 3 revisions/s,
    ),
  ]);
  expect(readdirSync(join(folder, 'revisions'))).toHaveLength(4);
  const done = await run(folder, ['squash', 'v1.0.0:v2.0.0', '--yes', '--json']);
  expect(JSON.parse(done.stdout)).toMatchObject({
    replaces: ['a', 'b', 'c'],
    deleted: ['revisions/a.sql', 'revisions/b.sql', 'revisions/c.sql'],
  });
  expect(existsSync(join(folder, 'revisions/a.sql'))).toBe(false);
});
