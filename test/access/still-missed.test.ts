import { describe, expect, test } from 'vitest';
import {
  accept,
  boot,
  explain,
  type Revision,
  readiness,
  repair,
  repairDrift,
  retry,
  stamp,
  status,
  switchDatabase,
  undo,
  upgrade,
} from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { databasePerTest, tableRevision as make, ran, refusedAs } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* What never ran, and what did not come to its end, stays so whatever is written down beside it. */

const { database, alembic, byScript, on, rows, tables } = databasePerTest();

describe('a revision that never ran', () => {
  test('is still missed after its repair failed, where a row comes back with that', async () => {
    await upgrade(on([make('r1'), make('r2', ['r1']), make('r3', ['r2'])]));
    const moved = (up: string) => [
      make('r1'),
      make('r2', ['r1']),
      make('r35', ['r1'], { upgrade: `CREATE TABLE t_r35 (id int); ${up}` }),
      make('r3', ['r35']),
    ];
    await expect(repair(on(moved('SELECT 1/0')))).rejects.toEqual(refusedAs('step_failed'));
    expect(await status(on(moved('')))).toMatchObject({ state: 'missed', missed: [{ revision: 'r35' }] });
    expect(ran(await repair(on(moved('SELECT 1'))))).toEqual(['r35']);
    expect(await rows()).toEqual(['r2', 'r3']);
  });

  const r2 = (revises: string) =>
    sql('r2', {
      revises,
      upgrade: 'CREATE TABLE t_r2 (id int PRIMARY KEY, n int);\nCREATE INDEX i2 ON t_r2 (n);',
      downgrade: 'DROP TABLE t_r2;',
    });
  const plain = (id: string, revises?: string) =>
    sql(id, {
      ...(revises === undefined ? {} : { revises }),
      upgrade: `CREATE TABLE t_${id} (id int);`,
      downgrade: `DROP TABLE t_${id};`,
    });

  test('is still missed after drift was repaired', async () => {
    const before = folderWith({ 'r1.sql': plain('r1'), 'r2.sql': r2('r1') });
    await upgrade(on(before));
    await database.query('DROP INDEX i2');
    const after = folderWith({ 'r1.sql': plain('r1'), 'r15.sql': plain('r15', 'r1'), 'r2.sql': r2('r15') });
    await catalogueOf(after);
    await repairDrift({ ...on(after), confirmed: true });
    expect(await status(on(after))).toMatchObject({ state: 'missed', missed: [{ revision: 'r15' }] });
  });

  test('what a repair of drift writes counts what the rows claim, where the ledger says nothing', async () => {
    const folder = folderWith({ 'r1.sql': plain('r1'), 'r2.sql': r2('r1') });
    await upgrade(on(folder));
    await database.query('DROP INDEX i2; DROP TABLE revgraph_ledger');
    await catalogueOf(folder);
    await repairDrift({ ...on(folder), confirmed: true });
    expect(await database.query("SELECT statistics -> 'covers' AS covers FROM revgraph_ledger")).toEqual([
      { covers: ['r1', 'r2'] },
    ]);
  });

  const goesOn: Record<string, (revisions: readonly Revision[]) => Promise<unknown>> = {
    'a run': (revisions) => upgrade(on(revisions)),
    'a script': byScript,
  };
  test.each(Object.keys(goesOn))('is missed below what another tool moved over, after %s', async (way) => {
    const chain = [make('r1'), make('r2', ['r1']), make('r3', ['r2']), make('r4', ['r3'])];
    await alembic('r1');
    await upgrade({ ...on(chain), target: 'r2' });
    await database.query("UPDATE alembic_version SET version_num = 'r3'");
    await goesOn[way]?.(chain);
    const inserted = [
      make('r1'),
      make('r2', ['r1']),
      make('r25', ['r2']),
      make('r3', ['r25']),
      make('r4', ['r3']),
    ];
    expect(await status(on(inserted))).toMatchObject({ state: 'missed', missed: [{ revision: 'r25' }] });
    await expect(boot(on(inserted))).rejects.toEqual(refusedAs('missed_revisions'));
  });

  test.each(Object.keys(goesOn))(
    'is missed below a row that came back in the table of another tool, after %s',
    async (way) => {
      await alembic('r1');
      await upgrade(on([make('r1'), make('r2', ['r1']), make('r3', ['r2'])]));
      await goesOn[way]?.([make('r1'), make('r2', ['r1']), make('r3'), make('r4', ['r2', 'r3'])]);
      const inserted = [
        make('r1'),
        make('r15', ['r1']),
        make('r2', ['r15']),
        make('r3'),
        make('r4', ['r2', 'r3']),
      ];
      expect(await status(on(inserted))).toMatchObject({ state: 'missed', missed: [{ revision: 'r15' }] });
    },
  );

  test.each(Object.keys(goesOn))(
    'is missed below what entries of an earlier version leave open, after %s',
    async (way) => {
      const chain = [make('r1'), make('r2', ['r1']), make('r3', ['r2'])];
      await upgrade({ ...on(chain), target: 'r2' });
      await database.query("DELETE FROM revgraph_ledger WHERE revision = 'r1'");
      await database.query("UPDATE revgraph_ledger SET statistics = NULL, rows_from = '{r1}'");
      await goesOn[way]?.(chain);
      const inserted = [make('r05'), make('r1', ['r05']), make('r2', ['r1']), make('r3', ['r2'])];
      expect(await status(on(inserted))).toMatchObject({ state: 'missed', missed: [{ revision: 'r05' }] });
    },
  );
});

describe('a step that did not come to its end', () => {
  const u = (down: string) =>
    make('r2', ['r1'], {
      upgrade: 'CREATE TABLE u (n int); INSERT INTO u VALUES (1), (2)',
      downgrade: `UPDATE u SET n = n - 1;\n${down};`,
      transaction: 'none',
    });
  const half = async () => {
    await upgrade(on([make('r1'), u('SELECT 1/0')]));
    await expect(
      undo({ ...on([make('r1'), u('SELECT 1/0')]), target: 'r2', confirmed: true }),
    ).rejects.toEqual(refusedAs('step_failed'));
  };
  const whole = [make('r1'), u('SELECT 1')];

  test('on the way down stays so when its row is restored', async () => {
    await half();
    await stamp({ ...on(whole), recorded: true });
    expect(await status(on(whole))).toMatchObject({ state: 'halfway' });
    await database.query('DELETE FROM revgraph_version');
    const refused = await upgrade(on(whole)).catch((error) => error);
    expect(refused).toMatchObject({
      code: 'rows_lost',
      hint: '`revgraph stamp --recorded` restores the rows.',
    });
    await stamp({ ...on(whole), recorded: true });
    expect(await status(on(whole))).toMatchObject({ state: 'halfway' });
    await undo({ ...on(whole), target: 'r2', confirmed: true });
    expect(await database.query('SELECT n FROM u ORDER BY n')).toEqual([{ n: 0 }, { n: 1 }]);
  });

  test('of a missed revision is not accepted', async () => {
    await upgrade(on([make('r1'), make('r3', ['r1'])]));
    const begun = (up: string) => [
      make('r1'),
      make('r2', ['r1'], { upgrade: `CREATE TABLE u (n int);\n${up};`, transaction: 'none' }),
      make('r3', ['r2']),
    ];
    await expect(repair(on(begun('SELECT 1/0')))).rejects.toEqual(refusedAs('step_failed'));
    await expect(accept({ ...on(begun('SELECT 1')), revision: 'r2', reason: 'not needed' })).rejects.toEqual(
      refusedAs('unfinished_step'),
    );
    expect(ran(await repair(on(begun('SELECT 1'))))).toEqual(['r2']);
  });

  test('behind a squash is told under its own id, with the code that has it', async () => {
    await half();
    const squashed = on([make('s', [], { replaces: ['r1', 'r2'] })]);
    expect(
      await upgrade({ ...squashed, revisions: [...squashed.revisions, make('r3', ['s'])] }).catch((e) => e),
    ).toMatchObject({ code: 'half_downgraded', details: { revision: 'r2', hasFile: false } });
    expect(await status(squashed)).toMatchObject({ halfDone: [{ revision: 'r2', hasFile: false }] });
  });

  const t = make('r0', [], { upgrade: 'CREATE TABLE t (n int)' });
  const insert = 'INSERT INTO t VALUES (1)';
  const byCode = (fails: boolean, more: object = {}) =>
    make('j1', ['r0'], {
      upgrade: async ({ db }) => {
        await db.query(insert);
        if (fails) throw new Error('not now');
      },
      transaction: 'none',
      ...more,
    });
  const others: Record<string, Revision> = {
    'in a transaction': byCode(false, { transaction: undefined }),
    'as SQL': make('j1', ['r0'], { upgrade: insert }),
    'as SQL outside a transaction': make('j1', ['r0'], { upgrade: insert, transaction: 'none' }),
    'in a squash': make('s', ['r0'], { replaces: ['j1'], upgrade: insert }),
  };
  test.each(Object.keys(others))('of code is not begun anew %s', async (name) => {
    await expect(upgrade(on([t, byCode(true)]))).rejects.toEqual(refusedAs('step_failed'));
    await expect(upgrade(on([t, others[name] as Revision]))).rejects.toEqual(refusedAs('unfinished_step'));
    expect(await database.query('SELECT n FROM t')).toEqual([{ n: 1 }]);
    await retry({ ...on([t, byCode(false)]), revision: 'j1', reason: 'it may' });
    await upgrade(on([t, byCode(false)]));
  });
});

describe('nothing is refused that is right', () => {
  test('row security of a table that is not used', async () => {
    const reader = `rg_unused_${process.pid}`;
    await upgrade({ ...on([make('r1')]) });
    await database.query(
      `CREATE ROLE ${reader} LOGIN PASSWORD 'pw'; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${reader}`,
    );
    await alembic('zz');
    await database.query(
      `GRANT SELECT ON alembic_version TO ${reader}; ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY`,
    );
    const url = Object.assign(new URL(database.url), { username: reader, password: 'pw' }).href;
    expect(await status({ revisions: [make('r1')], database: url })).toMatchObject({ state: 'current' });
    // Who only writes down needs no right on the rows.
    await database.query(`REVOKE INSERT, UPDATE, DELETE ON revgraph_version FROM ${reader}`);
    const edited = [make('r1', [], { upgrade: 'CREATE TABLE t_r1 (id bigint)' })];
    for (const dryRun of [true, false])
      await accept({ revisions: edited, database: url, revision: 'r1', reason: 'meant', dryRun });
    await database.query(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
  });

  test('a squash that a row included when it ran', async () => {
    await upgrade({
      ...on([make('a1'), make('a2', ['a1']), make('b1', [], { dependsOn: ['a2'] })]),
      target: 'heads',
    });
    const squashed = on([make('s', [], { replaces: ['a1', 'a2'] }), make('b1')]);
    expect(await boot({ ...squashed, target: 'heads' })).toMatchObject({ state: 'current' });
  });

  test('what another tool ran upon a line that was put on an older base', async () => {
    await alembic('r1');
    await upgrade(on([make('r1'), make('r2', ['r1']), make('r3', ['r2'])]));
    await database.query("UPDATE alembic_version SET version_num = 'r4'");
    const moved = on([make('r1'), make('r2', ['r1']), make('r3', ['r1']), make('r4', ['r3'])]);
    expect(await boot({ ...moved, target: 'heads' })).toMatchObject({ state: 'current' });
  });

  test('older code, where what broke it ran again and does not any more', async () => {
    const breaks = (more: object) => [make('r1'), make('r2', ['r1'], more)];
    await upgrade(on(breaks({ breaksBefore: '2.0.0' })));
    await undo({ ...on(breaks({ breaksBefore: '2.0.0' })), target: 'r2', confirmed: true });
    await upgrade(on(breaks({})));
    const older = { ...on([make('r1')]), releases: { '1.0.0': 'r1' } };
    expect(await boot(older)).toMatchObject({ state: 'ahead' });
    expect((await readiness(older).check()).ready).toBe(true);
  });
});

test('switch knows of the minimum before the way down', async () => {
  await upgrade(on([make('r0'), make('a1', ['r0'])]));
  const ours = { ...on([make('r0'), make('b1', ['r0'])]), releases: { '1.0.0': 'b1' }, minimum: '1.0.0' };
  for (const dryRun of [true, false])
    await expect(switchDatabase({ ...ours, confirmed: true, dryRun })).rejects.toEqual(
      refusedAs('below_minimum'),
    );
  expect(await tables()).toEqual(['t_a1', 't_r0']);
});

test('a ledger that has nothing restores nothing, and explain names the flag that a repair needs', async () => {
  await database.query('CREATE TABLE legacy (id int)');
  await expect(stamp({ ...on([make('r1')]), recorded: true })).rejects.toEqual(refusedAs('usage'));
  expect(await tables()).toEqual([]);
  await upgrade({ ...on([make('r1'), make('r2', ['r1']), make('c1')]), target: 'heads' });
  const ours = on([make('r1'), make('r15', ['r1']), make('r2', ['r15'])]);
  expect(await explain({ ...ours, revision: 'r15' })).toMatchObject({
    next: 'revgraph repair --unknown-rows allow',
  });
});
