import { describe, expect, test } from 'vitest';
import {
  accept,
  boot,
  check,
  explain,
  preflight,
  type Revision,
  readiness,
  repair,
  stamp,
  status,
  switchDatabase,
  undo,
  upgrade,
} from '../../lib/index.js';
import { databasePerTest, tableRevision as make, ran, refusedAs } from '../support/history.js';

/* What the ledger knows stays known: a stamp, a decision, a script, another tool or another version table takes nothing of it away. */

const { alembic, byScript, database, on, rows, tables } = databasePerTest();

describe('what was there before the first entry of a table is written down', () => {
  const older = [make('r1'), make('r2', ['r1'])];
  const newer = [...older, make('r3', ['r2'])];
  const inserted = [make('r1'), make('r15', ['r1']), make('r2', ['r15']), make('r3', ['r2'])];
  const upgraded: Record<string, () => Promise<unknown>> = {
    'by a run': () => upgrade(on(newer)),
    'by a script': () => byScript(newer),
  };

  test.each(Object.keys(upgraded))('a ledger that was emptied, %s', async (way) => {
    await upgrade(on(older));
    await database.query('TRUNCATE revgraph_ledger');
    await upgraded[way]?.();
    expect(await status(on(newer))).toMatchObject({ state: 'current', applied: ['r1', 'r2', 'r3'] });
    expect(await status(on(inserted))).toMatchObject({ state: 'missed', missed: [{ revision: 'r15' }] });
    expect(ran(await repair(on(inserted)))).toEqual(['r15']);
  });

  test.each(Object.keys(upgraded))(
    'a table of another tool beside a ledger that has others, %s',
    async (way) => {
      const plugin = { ...on([make('p1')]), versionTable: 'plugin_version' };
      await upgrade(plugin);
      await database.query(
        "CREATE TABLE t_r1 (id int); CREATE TABLE t_r2 (id int); CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('r2')",
      );
      await upgraded[way]?.();
      expect(await status(on(inserted))).toMatchObject({ state: 'missed', missed: [{ revision: 'r15' }] });
      expect(await status(plugin)).toMatchObject({ state: 'current' });
    },
  );
});

describe('a step outside a transaction that was begun', () => {
  const t = make('r0', [], { upgrade: 'CREATE TABLE t (n int)', downgrade: 'DROP TABLE t' });
  const outside = (second: string, more: object = {}) =>
    make('r1', ['r0'], {
      upgrade: `INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (${second});`,
      downgrade: 'DELETE FROM t',
      transaction: 'none',
      ...more,
    });
  const begun = async () => {
    await expect(upgrade(on([t, outside('1/0')]))).rejects.toEqual(refusedAs('step_failed'));
  };
  const numbers = async () => (await database.query('SELECT n FROM t ORDER BY n')).map(({ n }) => n);

  test('is not begun anew in a transaction, nor by a script', async () => {
    await begun();
    const inside = [t, outside('2', { transaction: undefined })];
    await expect(upgrade(on(inside))).rejects.toEqual(refusedAs('unfinished_step'));
    await expect(byScript([t, outside('2')])).rejects.toEqual(refusedAs('unfinished_step'));
    await upgrade(on([t, outside('2')]));
    expect(await numbers()).toEqual([1, 2]);
  });

  test('goes on behind a decision about another one, and status shows it', async () => {
    await begun();
    const edited = make('r0', [], { upgrade: 'CREATE TABLE t (n integer)', downgrade: 'DROP TABLE t' });
    await accept({ ...on([edited, outside('2')]), revision: 'r0', reason: 'the same type' });
    expect(await status(on([edited, outside('2')]))).toMatchObject({
      halfDone: [{ revision: 'r1', finished: 1 }],
    });
    await upgrade(on([edited, outside('2')]));
    expect(await numbers()).toEqual([1, 2]);
  });

  test('is over with a stamp, which says what the schema is', async () => {
    await begun();
    await stamp({ ...on([t, outside('2')]), target: 'r1', confirmed: true });
    expect(await status(on([t, outside('2')]))).toMatchObject({ state: 'current', halfDone: [] });
  });

  test('is no part of a squash that runs as a whole', async () => {
    await begun();
    const squash = make('s', ['r0'], { replaces: ['r1', 'r2'], upgrade: 'INSERT INTO t VALUES (1), (2)' });
    await expect(upgrade(on([t, squash]))).rejects.toEqual(refusedAs('unfinished_step'));
    expect(await numbers()).toEqual([1]);
  });

  test('on the way down is not begun anew in a transaction either', async () => {
    const counts = (end: string, more: object = {}) =>
      make('r1', ['r0'], {
        upgrade: 'INSERT INTO t VALUES (10)',
        downgrade: `UPDATE t SET n = n - 1;\n${end};`,
        transaction: 'none',
        ...more,
      });
    await upgrade(on([t, counts('SELECT 1')]));
    const down = (revisions: Revision[]) => undo({ ...on(revisions), target: 'r1', confirmed: true });
    await expect(down([t, counts('SELECT 1/0')])).rejects.toEqual(refusedAs('step_failed'));
    await expect(down([t, counts('SELECT 1', { transaction: undefined })])).rejects.toEqual(
      refusedAs('unfinished_step'),
    );
    await down([t, counts('SELECT 1')]);
    expect(await numbers()).toEqual([9]);
  });

  test('on the way down shows through a squash', async () => {
    const half = make('r1', ['r0'], {
      upgrade: 'CREATE TABLE u (n int)',
      downgrade: 'DROP TABLE u; SELECT 1/0',
      transaction: 'none',
    });
    await upgrade(on([t, half]));
    await expect(undo({ ...on([t, half]), target: 'r1', confirmed: true })).rejects.toEqual(
      refusedAs('step_failed'),
    );
    const squashed = [make('s', [], { replaces: ['r0', 'r1'] }), make('r2', ['s'])];
    expect(await status(on(squashed))).toMatchObject({ state: 'halfway' });
    await expect(upgrade(on(squashed))).rejects.toEqual(refusedAs('half_downgraded'));
    await expect(boot(on(squashed))).rejects.toEqual(refusedAs('half_downgraded'));
  });
});

describe('which code may serve', () => {
  const old = [make('r1')];
  const releases = { '1.0.0': 'r1' };
  const breaks = (more: object = {}) => [make('r1', [], more), make('r2', ['r1'], { breaksBefore: '2.0.0' })];
  const edited = breaks({ upgrade: 'CREATE TABLE t_r1 (id bigint)' });

  const after: Record<string, () => Promise<unknown>> = {
    'a run': () => upgrade(on(breaks())),
    'a script': () => byScript(breaks()),
    'a decision': async () => {
      await upgrade(on(breaks()));
      await accept({ ...on(edited), revision: 'r1', reason: 'meant' });
    },
    'a stamp': async () => {
      await upgrade(on(breaks()));
      await stamp({ ...on(breaks()), target: 'r2', reason: 'again', confirmed: true });
    },
  };
  test.each(Object.keys(after))('older code that a revision breaks is refused, after %s', async (way) => {
    await upgrade(on(old));
    await after[way]?.();
    await expect(boot({ ...on(old), releases })).rejects.toEqual(refusedAs('incompatible'));
    const told = await check({ revisions: old, against: database.url, release: '1.0.0', releases });
    expect(told.against?.release).toMatchObject({ runs: false });
  });

  test('what was taken back breaks nothing', async () => {
    await upgrade(on(breaks()));
    await undo({ ...on(breaks()), target: 'r2', confirmed: true });
    await upgrade(on([make('r1'), make('r3', ['r1'])]));
    expect(await boot({ ...on(old), releases })).toMatchObject({ state: 'ahead' });
  });

  test('older replicas stay ready when newer code accepts an edit, or stamps', async () => {
    const newer = [make('r1'), make('r2', ['r1']), make('r3', ['r2'])];
    await upgrade(on(newer));
    const other = [
      make('r1'),
      make('r2', ['r1'], { upgrade: 'CREATE TABLE t_r2 (id bigint)' }),
      make('r3', ['r2']),
    ];
    await accept({ ...on(other), revision: 'r2', reason: 'meant' });
    expect(await boot(on(old))).toMatchObject({ state: 'ahead' });
    await stamp({ ...on(other), target: 'r3', reason: 'again', confirmed: true });
    expect(await boot(on(old))).toMatchObject({ state: 'ahead' });
    const ready = readiness(on(old));
    expect((await ready.check()).ready).toBe(true);
  });
});

test('an edit is seen under another id, behind a decision', async () => {
  const other = { upgrade: 'CREATE TABLE t_r1 (id bigint)' };
  await upgrade(on([make('r1'), make('r2', ['r1'])]));
  const renamed = (more: object = {}) => [
    make('r1', [], other),
    make('r2n', ['r1'], { formerly: ['r2'], ...more }),
  ];
  const same = { upgrade: 'CREATE TABLE t_r2 (id int)' };
  await accept({ ...on(renamed(same)), revision: 'r1', reason: 'meant' });
  expect(await status(on(renamed(same)))).toMatchObject({ edited: [] });
  expect(await status(on(renamed(other)))).toMatchObject({ edited: ['r2n'] });
});

test('two tables in one schema, one of them with the name of the other tool’s: each has its own entries', async () => {
  const mine = { ...on([make('a1'), make('a2', ['a1'])]), versionTable: 'revgraph_version' };
  const theirs = { ...on([make('b1'), make('b2', ['b1'])]), versionTable: 'alembic_version' };
  await upgrade(mine);
  await upgrade(theirs);
  const back = await stamp({ ...theirs, target: 'b1', reason: 'back', confirmed: true });
  expect(back).toMatchObject({ runsAgain: ['b2'] });
  expect(await status(mine)).toMatchObject({ state: 'current', applied: ['a1', 'a2'] });
  expect(await rows()).toEqual(['a2']);
  expect(await tables()).toEqual(['t_a1', 't_a2', 't_b1', 't_b2']);
});

describe('what another tool moves in its table', () => {
  const squash = make('s', [], { replaces: ['a1', 'b2', 'c3'] });

  test('below a squash that counted: it counts no more', async () => {
    await alembic('c3');
    const revisions = [squash, make('d4', ['s']), make('e5', ['d4'])];
    await upgrade({ ...on(revisions), target: 'd4' });
    await database.query("UPDATE alembic_version SET version_num = 'b2'");
    await expect(upgrade(on(revisions))).rejects.toMatchObject({
      code: 'below_squash',
      details: { squash: 's', ran: ['a1', 'b2'], missing: ['c3'] },
    });
    await expect(boot(on(revisions))).rejects.toEqual(refusedAs('below_squash'));
    expect(await readiness(on(revisions)).check()).toMatchObject({ ready: false, state: 'below' });
  });

  test('below a squash that keeps the last id, whose row is there', async () => {
    await upgrade(on([make('a1'), make('b2', ['a1'])]));
    const kept = on([make('a1'), make('b2', ['a1'], { replaces: ['n', 'b2'] })]);
    await expect(boot(kept)).rejects.toEqual(refusedAs('below_squash'));
    expect(await readiness(kept).check()).toMatchObject({ ready: false, state: 'below' });
  });

  test('up to the last part of a squash: it counts', async () => {
    await alembic();
    const parts = [make('a1'), make('b2', ['a1']), make('c3', ['b2'])];
    await upgrade({ ...on(parts), target: 'b2' });
    await database.query("UPDATE alembic_version SET version_num = 'c3'");
    const revisions = [squash, make('d4', ['s'])];
    expect(await status(on(revisions))).toMatchObject({ applied: ['s'], pending: ['d4'] });
    expect(ran(await upgrade(on(revisions)))).toEqual(['d4']);
  });

  test('is not what a dependency of newer code includes', async () => {
    await alembic();
    const lines = [make('o1'), make('c1'), make('c2', ['c1'])];
    const older = [...lines, make('o2', ['o1'])];
    const newer = [...lines, make('o2', ['o1'], { dependsOn: ['c2'] }), make('o3', ['o2'])];
    await upgrade({ ...on(older), target: 'heads' });
    expect(ran(await upgrade({ ...on(newer), target: 'heads' }))).toEqual(['o3']);
    expect(await status(on(older))).toMatchObject({ applied: ['c1', 'c2', 'o1', 'o2'], pending: [] });
    expect(await boot({ ...on(older), target: 'heads' })).toMatchObject({ state: 'ahead' });
  });
});

test('rows that were lost come back without counting what was inserted below them', async () => {
  await upgrade({ ...on([make('b1'), make('b2', ['b1']), make('k1')]), target: 'heads' });
  await database.query("DELETE FROM revgraph_version WHERE revision = 'k1'");
  const newer = [make('b1'), make('b15', ['b1']), make('b2', ['b15']), make('k1')];
  const refused = await upgrade({ ...on(newer), target: 'heads' }).catch((error) => error);
  expect(refused).toMatchObject({ code: 'rows_lost', details: { lost: ['k1'], unrun: ['b15'] } });
  expect(refused.hint).toContain('`revgraph stamp --recorded` restores the rows.');
  const asked = await stamp({ ...on(newer), recorded: true, dryRun: true });
  expect(await stamp({ ...on(newer), recorded: true })).toEqual({ ...asked, dryRun: false });
  expect(await rows()).toEqual(['b2', 'k1']);
  expect(await status(on(newer))).toMatchObject({ state: 'missed', missed: [{ revision: 'b15' }] });
  expect(ran(await repair(on(newer)))).toEqual(['b15']);
  await expect(stamp({ ...on(newer), recorded: true, target: 'k1' })).rejects.toEqual(refusedAs('usage'));
});

describe('what a row included when it ran, and does not any more, is not lost', () => {
  const chain = [make('r1'), make('r2', ['r1']), make('r3', ['r2'])];
  const moved = [make('r1'), make('r2', ['r1']), make('r3', ['r1'])];
  const goesOn: Record<string, () => Promise<unknown>> = {
    'a run': () => upgrade({ ...on([...moved, make('r4', ['r3'])]), target: 'heads' }),
    'a script': () => byScript([...moved, make('r4', ['r3'])], 'heads'),
    'a run with a lock of its own': () =>
      upgrade({ ...on([...moved, make('r4', ['r3'])]), target: 'heads', lock: 'row' }),
    'a stamp': () => stamp({ ...on(moved), target: ['r2', 'r3'], reason: 'as it is', confirmed: true }),
  };

  test.each(Object.keys(goesOn))('a line that was put on an older base, and %s', async (way) => {
    await upgrade(on(chain));
    expect(await status(on(moved))).toMatchObject({
      state: 'current',
      current: ['r2', 'r3'],
      reparented: [{ revision: 'r3', from: ['r2'], to: ['r1'] }],
    });
    expect(await boot({ ...on(moved), target: 'heads' })).toMatchObject({ state: 'current' });
    expect(await rows()).toEqual(['r3']);
    await goesOn[way]?.();
    expect(await rows()).toEqual(way === 'a stamp' ? ['r2', 'r3'] : ['r2', 'r4']);
  });

  test('its own revision goes on from there, up and down', async () => {
    await upgrade(on(chain));
    const joined = [...moved, make('r5', ['r2', 'r3'])];
    await upgrade(on(joined));
    expect(await rows()).toEqual(['r5']);
    await undo({ ...on(joined), target: 'r5', confirmed: true });
    await undo({ ...on(joined), target: 'r3', confirmed: true });
    expect(await rows()).toEqual(['r2']);
    expect(await tables()).toEqual(['t_r1', 't_r2']);
  });

  test('a dependency that this code lacks: it starts, and the newer code after it', async () => {
    const lines = [make('o1'), make('c1'), make('c2', ['c1'])];
    const newer = [...lines, make('o2', ['o1'], { dependsOn: ['c2'] })];
    const older = [...lines, make('o2', ['o1'])];
    await upgrade({ ...on(newer), target: 'heads' });
    expect(await boot({ ...on(older), target: 'heads' })).toMatchObject({ state: 'current' });
    await upgrade({ ...on([...older, make('o3', ['o2'])]), target: 'heads' });
    expect(await rows()).toEqual(['c2', 'o3']);
    expect(await boot({ ...on([...newer, make('o3', ['o2'])]), target: 'heads' })).toMatchObject({
      state: 'current',
    });
  });

  test('a row that was taken away is lost all the same', async () => {
    await upgrade({ ...on([...chain, make('x1')]), target: 'heads' });
    await database.query("DELETE FROM revgraph_version WHERE revision = 'x1'");
    await expect(upgrade({ ...on([...moved, make('x1')]), target: 'heads' })).rejects.toMatchObject({
      code: 'rows_lost',
      details: { lost: ['x1'] },
    });
  });
});

describe('ways out that were circles', () => {
  test('a downgrade that stopped halfway goes on where something was inserted elsewhere', async () => {
    const half = (end: string) =>
      make('a2', ['a1'], { downgrade: `DROP TABLE t_a2;\n${end};`, transaction: 'none' });
    const line = (end: string, b2: string) => [make('a1'), half(end), make('b1'), make('b2', [b2])];
    await upgrade({ ...on(line('SELECT 1', 'b1')), target: 'heads' });
    const down = (revisions: Revision[], target: string) =>
      undo({ ...on(revisions), target, confirmed: true });
    await expect(down(line('SELECT 1/0', 'b1'), 'a2')).rejects.toEqual(refusedAs('step_failed'));
    const inserted = [...line('SELECT 1', 'b15'), make('b15', ['b1'])];
    await expect(down(inserted, 'b1')).rejects.toEqual(refusedAs('missed_revisions'));
    await down(inserted, 'a2');
    expect(ran(await repair(on(inserted)))).toEqual(['b15']);
  });

  test('what is missed beside a row of other code is run where that is let be', async () => {
    const plugin = make('c1');
    await upgrade({ ...on([make('m1'), make('m2', ['m1']), plugin]), target: 'heads' });
    const own = {
      ...on([make('m1'), make('m15', ['m1']), make('m2', ['m15'])]),
      unknownRows: 'allow' as const,
    };
    const refused = await upgrade(own).catch((error) => error);
    expect(refused).toMatchObject({ code: 'missed_revisions', details: { gone: [] } });
    expect(refused.hint).toContain('`revgraph repair --unknown-rows allow`');
    expect(ran(await repair({ ...own, dryRun: true }))).toEqual(['m15']);
    expect(ran(await repair(own))).toEqual(['m15']);
    expect(await rows()).toEqual(['c1', 'm2']);
    expect(await tables()).toEqual(['t_c1', 't_m1', 't_m15', 't_m2']);
    const more = { ...own, revisions: [...own.revisions, make('m12', ['m1']), make('m3', ['m2', 'm12'])] };
    expect(ran(await upgrade(more))).toEqual(['m12', 'm3']);
  });

  test('the policy that runs what is missed holds beside such a row', async () => {
    await upgrade({ ...on([make('m1'), make('m2', ['m1']), make('c1')]), target: 'heads' });
    const own = on([make('m1'), make('m15', ['m1']), make('m2', ['m15']), make('m3', ['m2'])]);
    expect(ran(await upgrade({ ...own, unknownRows: 'allow', missed: 'run' }))).toEqual(['m15', 'm3']);
    expect(await rows()).toEqual(['c1', 'm3']);
  });
});

test('switch finds what refuses the way up before the way down', async () => {
  const shared = make('r0');
  const theirs = make('a1', ['r0'], { upgrade: 'CREATE TABLE t_a1 (id int); INSERT INTO t_a1 VALUES (1)' });
  await upgrade(on([shared, theirs]));
  const never = [{ title: 'never', sql: 'SELECT 4', expect: '5' }];
  const ours = make('b1', ['r0'], { precheck: never });
  for (const dryRun of [true, false])
    await expect(switchDatabase({ ...on([shared, ours]), confirmed: true, dryRun })).rejects.toEqual(
      refusedAs('check_failed'),
    );
  expect(await tables()).toEqual(['t_a1', 't_r0']);
});

describe('a dependency that changes by itself stays as it was', () => {
  const line = (more: Revision[] = []) => [
    make('c1', [], { labels: ['cc'] }),
    make('c2', ['c1']),
    ...more,
    make('o1', [], { dependsOn: ['cc@head'] }),
  ];
  const heads = (revisions: Revision[]) => ({ ...on(revisions), target: 'heads' });

  test('where what it was has another id by now', async () => {
    await upgrade(heads(line()));
    const renamed = line().map((one) =>
      one.revision === 'c2' ? make('c2n', ['c1'], { formerly: ['c2'] }) : one,
    );
    expect(await status(on(renamed))).toMatchObject({ state: 'current', lost: [] });
  });

  test('where its own revision has, or was accepted as it is', async () => {
    await upgrade(heads(line()));
    const renamed = line([make('c3', ['c2'])]).map((one) =>
      one.revision === 'o1' ? make('o1n', [], { dependsOn: ['cc@head'], formerly: ['o1'] }) : one,
    );
    expect(await status(on(renamed))).toMatchObject({ state: 'behind', missed: [], pending: ['c3'] });
    const edited = line([make('c3', ['c2'])]).map((one) =>
      one.revision === 'o1'
        ? make('o1', [], { dependsOn: ['cc@head'], upgrade: 'CREATE TABLE t_o1 (id bigint)' })
        : one,
    );
    await accept({ ...on(edited), revision: 'o1', reason: 'meant' });
    expect(await status(on(edited))).toMatchObject({ state: 'behind', missed: [], pending: ['c3'] });
  });
});

test('explain tells of what is missed beside a row that no file has', async () => {
  await upgrade(on([make('r0'), make('r1', ['r0']), make('a1', ['r1'])]));
  const ours = on([make('r0'), make('r05', ['r0']), make('r1', ['r05']), make('b1', ['r1'])]);
  expect(await explain({ ...ours, revision: 'r05' })).toMatchObject({ state: 'missed' });
  expect(await explain({ ...ours, revision: 'b1' })).toMatchObject({ revision: 'b1' });
});

test('lines that are meant to stay apart: an upgrade without a target goes to all of them', async () => {
  const line = (id: string) => make(id, [], { labels: [`on_${id}`] });
  const revisions = [line('g1'), make('g2', ['g1']), line('t1')];
  const lines = ['on_g1', 'on_t1'];
  await expect(upgrade(on(revisions))).rejects.toEqual(refusedAs('multiple_heads'));
  expect(await preflight({ ...on(revisions), lines })).toMatchObject({ to: ['g2', 't1'] });
  expect(ran(await upgrade({ ...on(revisions), lines }))).toEqual(['g1', 'g2', 't1']);
  const stray = [...revisions, make('zz')];
  await expect(upgrade({ ...on(stray), lines })).rejects.toEqual(refusedAs('multiple_heads'));
  const [problem] = (await check({ revisions: stray, lines })).problems;
  expect(problem).toMatchObject({
    code: 'multiple_heads',
    hint: expect.stringContaining('Revise the head of a line with zz'),
  });
});

test('a stamp of a squash keeps what its parts ran on, and no file has', async () => {
  const chain = [make('r1'), make('r2', ['r1']), make('r3', ['r2']), make('r4', ['r3'])];
  await upgrade(on(chain));
  const squashed = [make('r4', [], { replaces: ['r3', 'r4'] })];
  await stamp({ ...on(squashed), target: 'r4', reason: 'told so', confirmed: true });
  expect(await status(on(chain))).toMatchObject({ state: 'current', applied: ['r1', 'r2', 'r3', 'r4'] });
  expect(ran(await upgrade(on(chain)))).toEqual([]);
});

test('a stamp keeps what an adopted revision stood on, and its code lacks', async () => {
  const chain = [make('r1'), make('r2', ['r1']), make('r3', ['r2'])];
  await alembic('r2');
  for (const id of ['r1', 'r2']) await database.query(`CREATE TABLE t_${id} (id int)`);
  await upgrade(on(chain));
  const told = { reason: 'told so', confirmed: true };
  await stamp({ ...on([make('r1')]), target: 'r1', ...told });
  await stamp({ ...on([make('r2'), make('r3', ['r2'])]), target: 'r3', ...told });
  expect(await status(on(chain))).toMatchObject({ state: 'current', applied: ['r1', 'r2', 'r3'] });
});

test('a stamp below an adopted revision forgets what that stood on, where its code lacks it', async () => {
  const chain = [make('r1'), make('r2', ['r1']), make('r3', ['r2'])];
  await alembic('r2');
  for (const id of ['r1', 'r2']) await database.query(`CREATE TABLE t_${id} (id int)`);
  await upgrade(on(chain));
  const other = [make('r4'), make('r3', ['r4'])];
  await stamp({ ...on(other), target: 'r4', reason: 'told so', confirmed: true });
  expect(await status(on(other))).toMatchObject({ applied: ['r4'], pending: ['r3'], removed: [] });
});
