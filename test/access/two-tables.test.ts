import { describe, expect, test } from 'vitest';
import { boot, downgrade, readiness, status, undo, upgrade, workBackfills } from '../../lib/index.js';
import { databasePerTest, tableRevision as make, ran, refusedAs } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* Two folders, with a version table each, in one schema. */

const { alembic, database, on } = databasePerTest();

describe('one of Alembic’s that was used in place, and one of ours that another folder made later', () => {
  const adopted = [make('r1'), make('r2', ['r1'])];
  const plugin = () => ({ ...on([make('p1')]), versionTable: 'revgraph_version' });
  const refused = refusedAs('two_version_tables');

  test.each([
    ['with rows', false],
    ['that is empty again', true],
  ])('%s: nothing runs again', async (_, isEmpty) => {
    await alembic('r1');
    await upgrade(on(adopted));
    await upgrade(plugin());
    if (isEmpty) await undo({ ...plugin(), target: 'p1' });
    await expect(upgrade(on(adopted))).rejects.toEqual(refused);
    await expect(boot(on(adopted))).rejects.toEqual(refused);
    await expect(status(on(adopted))).rejects.toEqual(refused);
    expect(await readiness(on(adopted)).check()).toMatchObject({ ready: false });
    // Each of them goes on with its own.
    expect(await status({ ...on(adopted), versionTable: 'alembic_version' })).toMatchObject({
      state: 'current',
      current: ['r2'],
    });
    expect(await status(plugin())).toMatchObject({ state: isEmpty ? 'behind' : 'current' });
  });

  test('one that Alembic left behind is in nobody’s way: neither of older code, nor of base', async () => {
    await upgrade(on([...adopted, make('r3', ['r2'])]));
    await alembic('r1');
    expect(await status(on(adopted))).toMatchObject({ state: 'ahead', current: ['r3'] });
    expect(await readiness(on(adopted)).check()).toMatchObject({ ready: true });
    const all = on([...adopted, make('r3', ['r2'])]);
    await downgrade({ ...all, target: 'base', confirmed: true });
    expect(ran(await upgrade(all))).toEqual(['r1', 'r2', 'r3']);
  });
});

test('a row without a revision is told', async () => {
  await database.query(
    "CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('r1'), (NULL)",
  );
  await expect(status(on([make('r1')]))).rejects.toMatchObject({
    code: 'version_table_invalid',
    hint: 'DELETE FROM "alembic_version" WHERE version_num IS NULL;',
  });
});

test('a ledger that another folder made in a schema that comes first in the search path hides none of ours', async () => {
  const [r1, r2, r3] = [make('r1'), make('r2', ['r1']), make('r3', ['r2'])];
  await upgrade(on([r1, r2]));
  await database.query('CREATE SCHEMA app');
  const ours = `${database.url}?options=-csearch_path%3Dapp,public`;
  await upgrade({ ...on([make('p1')]), schema: 'app', versionTable: 'plug_version' });
  const hole = [r1, make('hole', ['r1']), make('r2', ['hole']), r3];
  for (const url of [ours, database.url]) {
    const at = { revisions: hole, database: url };
    await expect(upgrade(at)).rejects.toEqual(refusedAs('missed_revisions'));
    await expect(boot(at)).rejects.toEqual(refusedAs('missed_revisions'));
    expect(await status(at)).toMatchObject({ missed: [{ revision: 'hole' }] });
  }
});

describe('backfills of the same id', () => {
  const of = (name: string, header = '', versionTable = 'plugin_version') => {
    const files = {
      'r1.sql': sql('r1', {
        upgrade: `CREATE TABLE ${name} (id int PRIMARY KEY, n int, m text); INSERT INTO ${name} SELECT generate_series(1, 5);`,
        downgrade: `DROP TABLE ${name};`,
      }),
      'r2.sql': `-- fills
--
-- @revision r2
-- @revises r1
${header}
-- @batch "fill" table ${name} key id fills n mark m
UPDATE ${name} SET n = 10 / (5 - ${name}.id + ${name === 'q' ? 1 : 0}), m = 'r2' FROM batch WHERE ${name}.id = batch.id;
`,
      'r3.sql': sql('r3', { revises: 'r2', header: '-- @requires backfill r2', upgrade: 'SELECT 3;' }),
    };
    const at = { revisions: folderWith(files), database: database.url };
    return name === 'q' ? { ...at, versionTable } : at;
  };
  const filled = async (name: string) =>
    (await database.query(`SELECT count(n)::int AS n FROM ${name}`))[0]?.n as number;

  test.each([
    ['a table of another name', 'plugin_version'],
    ['Alembic’s, by name', 'alembic_version'],
  ])('in the background, beside %s: each is worked on, and held for, by its own', async (_, other) => {
    if (other === 'alembic_version') await alembic();
    const p = { ...of('p', '-- @background'), versionTable: 'revgraph_version' };
    const q = of('q', '-- @background', other);
    for (const at of [p, q]) for (const target of ['r1', 'r2']) await upgrade({ ...at, target });
    await database.query('UPDATE p SET id = 6 WHERE id = 5');
    await workBackfills(p);
    expect([await filled('p'), await filled('q')]).toEqual([5, 0]);
    await expect(upgrade(q)).rejects.toMatchObject({ exitValue: 4 });
    await workBackfills(q);
    expect([await filled('q'), ran(await upgrade(q))]).toEqual([5, ['r3']]);
  });

  test('Alembic’s table has the same, found or named', async () => {
    await alembic();
    const { revisions } = of('p', '-- @background');
    const found = { revisions, database: database.url };
    for (const target of ['r1', 'r2']) await upgrade({ ...found, target });
    const named = { ...found, versionTable: 'alembic_version' };
    expect((await status(named)).backfills).toEqual(['r2']);
    await expect(upgrade(named)).rejects.toMatchObject({ exitValue: 4 });
    await database.query('UPDATE p SET id = 6 WHERE id = 5');
    await workBackfills(named);
    expect(ran(await upgrade(found))).toEqual(['r3']);
  });

  test('those of a named table that stand where all did before are refused, with what brings them over', async () => {
    const q = of('q', '-- @background');
    for (const target of ['r1', 'r2']) await upgrade({ ...q, target });
    const [own, shared] = ['revgraph_backfill_plugin_version', 'revgraph_backfill'];
    await database.query(`ALTER TABLE ${own} RENAME TO ${shared}`);
    await database.query(`ALTER TABLE revgraph_quarantine_plugin_version RENAME TO revgraph_quarantine`);
    const refused = await upgrade(q).catch((error) => error);
    expect(refused).toMatchObject({ code: 'version_table_invalid' });
    for (const statement of refused.hint.split('; ')) await database.query(statement);
    await workBackfills(q);
    expect([await filled('q'), ran(await upgrade(q))]).toEqual([5, ['r3']]);
  });

  test('a name that is longer than PostgreSQL keeps has tables too', async () => {
    const long = { ...of('p'), versionTable: 'версии_модуля_складского_учёта' };
    await upgrade({ ...long, target: 'r1' });
    await database.query('UPDATE p SET id = 6 WHERE id = 5');
    expect(ran(await upgrade(long))).toEqual(['r2', 'r3']);
  });

  test('in place: what failed in one, and is done in the other', async () => {
    const [p, q] = [of('p'), of('q')];
    const refused = { code: 'backfill_incomplete' };
    await expect(upgrade({ ...p, target: 'r2' })).rejects.toMatchObject(refused);
    expect(ran(await upgrade({ ...q, target: 'r2' }))).toEqual(['r1', 'r2']);
    expect([await filled('p'), await filled('q')]).toEqual([4, 5]);
    await undo({ ...q, target: 'r2' });
    expect([await filled('p'), await filled('q')]).toEqual([4, 0]);
    expect((await status(p)).unfinished).toMatchObject([{ revision: 'r2', state: 'incomplete', failed: 1 }]);
    expect((await status(q)).unfinished).toEqual([]);
  });
});
