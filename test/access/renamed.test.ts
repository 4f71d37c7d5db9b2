import { expect, test } from 'vitest';
import {
  accept,
  boot,
  check,
  preflight,
  readiness,
  status,
  switchDatabase,
  undo,
  upgrade,
  verify,
} from '../../lib/index.js';
import { databasePerTest, tableRevision as make, ran } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* A revision that was renamed in the middle of its work. */

const { database, on, tables } = databasePerTest();

test('a step that stopped halfway goes on where it was', async () => {
  const at = (id: string, divisor: number, formerly: readonly string[] = []) => [
    make('r1', [], { upgrade: 'CREATE TABLE a (n int); INSERT INTO a VALUES (100)' }),
    make(id, ['r1'], {
      formerly,
      transaction: 'none',
      upgrade: `UPDATE a SET n = n * 2; SELECT 1 / ${divisor}; VACUUM a`,
    }),
  ];
  await expect(upgrade(on(at('r2', 0)))).rejects.toMatchObject({ code: 'step_failed' });
  await upgrade(on(at('r3', 1, ['r2'])));
  expect(await database.query('SELECT n FROM a')).toEqual([{ n: 200 }]);
  expect(await status(on(at('r3', 1, ['r2'])))).toMatchObject({ state: 'current', halfDone: [] });
});

test('what headers and checks say of it by its former name is meant of it', async () => {
  const check = 'CREATE TABLE a (n int);\n-- @verify "none" expect none until r2\nSELECT n FROM a;';
  const code = (id: string, header: string) =>
    folderWith({
      'r1.sql': sql('r1', { upgrade: check }),
      [`${id}.sql`]: sql(id, { revises: 'r1', header, upgrade: 'INSERT INTO a VALUES (1);' }),
    });
  const at = { revisions: code('r3', '-- @formerly r2'), database: database.url };
  expect((await upgrade(at)).steps).toHaveLength(2);
  expect((await verify(at)).ended).toMatchObject([{ revision: 'r1', until: 'r2' }]);
});

/** A backfill that waits in the background, or is run in place. */
const batch = (id: string, header: string) => `-- fills
--
-- @revision ${id}
-- @revises r1
${header}
-- @batch "fill" table p key id fills n mark m
UPDATE p SET n = 'x', m = 'r2' FROM batch WHERE p.id = batch.id;
`;
const first = sql('r1', {
  upgrade: 'CREATE TABLE p (id int PRIMARY KEY, n text, m text); INSERT INTO p SELECT generate_series(1, 5);',
});
const last = sql('r4', { revises: 'r3', header: '-- @requires backfill r3', upgrade: 'SELECT 4;' });

test('a backfill that waits holds what needs it under its new name too: refused', async () => {
  const before = folderWith({ 'r1.sql': first, 'r2.sql': batch('r2', '-- @background') });
  // An empty database would run it in place.
  for (const target of ['r1', 'r2']) await upgrade({ revisions: before, database: database.url, target });
  const code = folderWith({
    'r1.sql': first,
    'r3.sql': batch('r3', '-- @background\n-- @formerly r2'),
    'r4.sql': last.replace('backfill r3', 'backfill r2'),
  });
  expect(await check({ revisions: code })).toMatchObject({ problems: [] });
  const refused = { code: 'backfill_renamed', exitValue: 4, details: { revision: 'r2', today: 'r3' } };
  const at = { revisions: code, database: database.url };
  await expect(boot(at)).rejects.toMatchObject(refused);
  await expect(upgrade({ ...at, dryRun: true })).rejects.toMatchObject(refused);
  expect(await preflight(at)).toBeDefined();
  expect(await database.query('SELECT count(*)::int AS n FROM p WHERE n IS NULL')).toEqual([{ n: 5 }]);
});

test('rows that carry the mark of the id before are not passed over by an undo: refused', async () => {
  await upgrade({
    revisions: folderWith({ 'r1.sql': first, 'r2.sql': batch('r2', '') }),
    database: database.url,
  });
  const code = folderWith({ 'r1.sql': first, 'r3.sql': batch('r3', '-- @formerly r2') });
  const refused = { code: 'backfill_renamed', details: { revision: 'r2', today: 'r3' } };
  await expect(undo({ revisions: code, database: database.url, target: 'r3' })).rejects.toMatchObject(
    refused,
  );
  expect(await status({ revisions: code, database: database.url })).toMatchObject({ current: ['r3'] });
});

/* Code of two releases back: it lacks the revision under both names. */

test.each([
  ['renamed', make('r3', ['r1'], { formerly: ['r2'] })],
  ['squashed', make('r3', ['r1'], { replaces: ['r2'] })],
])('what stands on one that was %s stands on what older code has', async (_, renamed) => {
  const [oldest, old] = [[make('r1')], [make('r1'), make('r2', ['r1'])]];
  const now = [make('r1'), renamed, make('r4', ['r3'])];
  await upgrade(on(old));
  await upgrade(on(now));
  for (const code of [old, oldest]) {
    expect(await readiness(on(code)).check()).toMatchObject({ ready: true, state: 'ahead' });
    expect(await boot({ ...on(code), evidence: 'off' })).toMatchObject({ state: 'ahead' });
  }
  expect(ran((await switchDatabase({ ...on(oldest), confirmed: true })).down)).toEqual(['r4', 'r2']);
  expect(await tables()).toEqual(['t_r1']);
});

test('what was taken back under its new name is taken back for code that lacks both', async () => {
  const first = [make('r1'), make('r2', ['r1']), make('r3', ['r1'])];
  const renamed = [
    make('r1'),
    make('r2', ['r1']),
    make('r4', ['r1'], {
      formerly: ['r3'],
      upgrade: 'CREATE TABLE t_r3 (id int)',
      downgrade: 'DROP TABLE t_r3',
    }),
  ];
  const neither = [make('r1'), make('r2', ['r1'], { upgrade: 'CREATE TABLE t_r2 (id bigint)' })];
  await upgrade({ ...on(first), target: 'heads' });
  await undo({ ...on(renamed), target: 'r4' });
  expect(await status(on(neither))).toMatchObject({ removed: [] });
  await accept({ ...on(neither), revision: 'r2', reason: 'meant' });
  expect(ran(await upgrade({ ...on(renamed), target: 'heads' }))).toEqual(['r4']);
});
