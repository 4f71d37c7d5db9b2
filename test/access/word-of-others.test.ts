import { describe, expect, test } from 'vitest';
import {
  accept,
  boot,
  readiness,
  repair,
  retry,
  script,
  stamp,
  status,
  switchDatabase,
  undo,
  upgrade,
  workBackfills,
} from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { databasePerTest, tableRevision as make, ran, refusedAs } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* What was written down under other names, by other code, or is written down no more. */

const { alembic, database, on, tables } = databasePerTest();

describe('a step outside a transaction that stopped halfway, and was renamed meanwhile', () => {
  const upgraded = 'CREATE TABLE t_n (id int); SELECT 1 / count(*) FROM p; VACUUM p';
  const code = (id: string, more: object = {}) => [
    make('r1', [], { upgrade: 'CREATE TABLE p (id int)', downgrade: 'DROP TABLE p' }),
    make(id, ['r1'], {
      ...(id === 'nn' ? { formerly: ['n'] } : {}),
      transaction: 'none',
      upgrade: upgraded,
      downgrade: 'DROP TABLE t_n',
      ...more,
    }),
  ];
  const [n, nn] = [code('n'), code('nn')];

  test('is over for older code too when newer code has ended it and taken it back', async () => {
    await expect(upgrade(on(n))).rejects.toEqual(refusedAs('step_failed'));
    await database.query('INSERT INTO p VALUES (1)');
    await upgrade(on(nn));
    expect(await status(on(n))).toMatchObject({ state: 'current', halfDone: [] });
    await undo({ ...on(nn), target: 'nn', confirmed: true });
    await upgrade(on(n));
    expect(await tables()).toEqual(['t_n']);
  });

  test('goes on behind what is finished with older code, which lacks its new name', async () => {
    await expect(upgrade(on(nn))).rejects.toEqual(refusedAs('step_failed'));
    await database.query('INSERT INTO p VALUES (1)');
    expect((await status(on(n))).halfDone).toMatchObject([{ revision: 'n', finished: 1, hasFile: true }]);
    // From its first statement it would fail: the table is there.
    expect(ran(await upgrade(on(n)))).toEqual(['n']);
    expect((await status(on(nn))).halfDone).toEqual([]);
  });

  test('on its way down is neither current nor ready for older code', async () => {
    const down = { upgrade: 'CREATE TABLE t_n (id int)', downgrade: 'DROP TABLE t_n; SELECT 1 / 0' };
    const before = on(code('n', down));
    await upgrade(on(code('nn', down)));
    await expect(undo({ ...on(code('nn', down)), target: 'nn', confirmed: true })).rejects.toEqual(
      refusedAs('step_failed'),
    );
    expect(await status(before)).toMatchObject({ state: 'halfway' });
    await expect(boot(before)).rejects.toEqual(refusedAs('half_downgraded'));
    expect(await readiness(before).check()).toMatchObject({ ready: false });
  });
});

test('taken back under its old name, it is not revived by a decision of code that lacks both names', async () => {
  const made = { upgrade: 'CREATE TABLE t_n ()', downgrade: 'DROP TABLE t_n' };
  const [n, nn] = [make('n', ['r1'], made), make('nn', ['r1'], { ...made, formerly: ['n'] })];
  const other = make('r1', [], { upgrade: 'CREATE TABLE t_r1 (id bigint)' });
  await upgrade(on([make('r1'), nn]));
  await undo({ ...on([make('r1'), n]), target: 'n', confirmed: true });
  await accept({ ...on([other]), revision: 'r1', reason: 'the same' });
  expect(await status(on([make('r1'), nn]))).toMatchObject({ state: 'behind', pending: ['nn'] });
});

describe('a script with what was missed', () => {
  const n = make('n', ['r1'], {
    upgrade: 'CREATE TABLE IF NOT EXISTS t_n (id int); INSERT INTO t_n VALUES (1)',
  });
  const holed = [make('r1'), n, make('r2', ['n'])];
  const made = async () => {
    await upgrade(on([make('r1'), make('r2', ['r1'])]));
    return (await script({ ...on(holed), direction: 'upgrade', target: 'head', missed: 'run' })).text;
  };

  test.each([
    ['by itself', (text: string) => database.query(text)],
    ['by a repair', () => repair(on(holed))],
    ['by a decision', () => accept({ ...on(holed), revision: 'n', reason: 'not needed' })],
  ])('stops in front of what was settled since: %s', async (_, settle) => {
    const text = await made();
    await settle(text);
    await expect(database.query(text)).rejects.toThrow(
      'n has run, or was accepted, since this script was made',
    );
  });

  test('runs what was taken back since', async () => {
    const text = await made();
    await repair(on(holed));
    await undo({ ...on(holed), target: 'r2', confirmed: true });
    await undo({ ...on(holed), target: 'n', confirmed: true });
    await expect(database.query(text)).rejects.toThrow('has other rows');
  });
});

describe('a backfill that waits by the ledger, of which the rows are gone', () => {
  const code = () => ({
    revisions: folderWith({
      'r1.sql': sql('r1', {
        upgrade:
          'CREATE TABLE p (id int PRIMARY KEY, n int, m text); INSERT INTO p SELECT generate_series(1, 5);',
      }),
      'r2.sql': `-- fills
--
-- @revision r2
-- @revises r1
-- @background
-- @batch "fill" table p key id fills n mark m
UPDATE p SET n = 1, m = 'r2' FROM batch WHERE p.id = batch.id;
`,
      'r3.sql': sql('r3', { revises: 'r2', header: '-- @requires backfill r2', upgrade: 'SELECT 3;' }),
    }),
    database: database.url,
  });
  const lost = async () => {
    const at = code();
    for (const target of ['r1', 'r2']) await upgrade({ ...at, target });
    await database.query('DROP TABLE revgraph_backfill, revgraph_quarantine');
    return at;
  };

  test('holds what requires it, and is worked on by nobody who can’t know how far it was', async () => {
    const at = await lost();
    expect(await status(at)).toMatchObject({
      backfills: ['r2'],
      unfinished: [{ revision: 'r2', state: 'lost', next: 'revgraph backfill work' }],
    });
    await expect(upgrade(at)).rejects.toMatchObject({ exitValue: 4 });
    expect((await workBackfills(at)).left).toMatchObject([
      { revision: 'r2', why: expect.stringContaining('how far it came is not known') },
    ]);
  });

  test.each([
    [
      'it is taken back and runs again',
      async (at: ReturnType<typeof code>) => {
        await undo({ ...at, target: 'r2', confirmed: true });
        await upgrade({ ...at, target: 'r2' });
        await workBackfills(at);
      },
    ],
    [
      'a stamp says that it is done',
      (at: ReturnType<typeof code>) => stamp({ ...at, target: 'r2', confirmed: true } as never),
    ],
  ])('until %s', async (_, settle) => {
    const at = await lost();
    await settle(at);
    expect(ran(await upgrade(at))).toEqual(['r3']);
  });
});

describe('what newer code counted as applied by a stamp, or adopted', () => {
  const main = [make('a'), make('b', ['a'])];
  const feature = [...main, make('f', ['b'], { breaksBefore: '2.0.0' }), make('g', ['f']), make('h', ['g'])];

  test.each([
    [
      'stamped',
      async () => {
        await upgrade({ ...on(feature), target: 'b' });
        await stamp({ ...on(feature), target: 'g' } as never);
      },
    ],
    ['adopted', () => alembic('g')],
  ])('%s: older code knows what it stands on, and what breaks it', async (_, put) => {
    await put();
    await upgrade(on(feature));
    const old = { ...on(main), releases: { '1.0.0': 'b' } };
    await expect(boot(old)).rejects.toEqual(refusedAs('incompatible'));
    expect(await readiness({ ...old, releases: { '2.0.0': 'b' } }).check()).toMatchObject({ ready: true });
    expect(await status(old)).toMatchObject({ state: 'ahead', unknown: [{ kind: 'ahead', on: ['b'] }] });
  });
});

test('a stamp by code whose configuration says what it is for breaks older code, as a run of it does', async () => {
  const main = [make('a'), make('b', ['a'])];
  await upgrade(on(main));
  const newer = { ...on([...main, make('c', ['b'])]), compatible: '2.0.0' };
  await stamp({ ...newer, target: 'c', reason: 'it is there' });
  await expect(boot({ ...on(main), releases: { '1.0.0': 'b' } })).rejects.toEqual(refusedAs('incompatible'));
  expect(await boot({ ...on(main), releases: { '2.0.0': 'b' } })).toMatchObject({ state: 'ahead' });
});

test('a stamp keeps what stood below a revision, also when its file is gone and another stamp follows', async () => {
  await alembic('b');
  const all = [make('a'), make('b', ['a']), make('c', ['b'])];
  await upgrade(on(all));
  const without = on([make('b'), make('c', ['b'])]);
  for (const target of ['c', 'b', 'c']) await stamp({ ...without, target, confirmed: true } as never);
  expect(await status(on(all))).toMatchObject({ state: 'current', missed: [] });
});

/** Its second statement fails while `p` is empty. */
const halfway = {
  transaction: 'none',
  upgrade: 'INSERT INTO c VALUES (1); SELECT 1 / count(*) FROM p',
} as const;

test('a step that stopped halfway asks where something that was put below it is to run before it', async () => {
  await database.query('CREATE TABLE p (id int); CREATE TABLE c (v int)');
  await expect(upgrade(on([make('r1'), make('f', ['r1'], halfway)]))).rejects.toEqual(
    refusedAs('step_failed'),
  );
  await database.query('INSERT INTO p VALUES (1)');
  const at = on([make('r1'), make('n', ['r1'], { upgrade: 'DELETE FROM c' }), make('f', ['n'], halfway)]);
  const asked = {
    code: 'unfinished_step',
    hint: expect.stringContaining('n, below it'),
    details: { revision: 'f' },
  };
  await expect(upgrade(at)).rejects.toMatchObject(asked);
  await expect(upgrade({ ...at, dryRun: true })).rejects.toMatchObject(asked);
  expect(await database.query('SELECT v FROM c')).toEqual([{ v: 1 }]);
  await expect(retry({ ...at, revision: 'f', anew: true, done: true })).rejects.toEqual(refusedAs('usage'));
  expect(await retry({ ...at, revision: 'f', anew: true })).toMatchObject({ finished: 0 });
  await upgrade(at);
  expect(await database.query('SELECT v FROM c')).toEqual([{ v: 1 }]);
});

test('one whose ground ran again goes on where somebody says that what it did is there, and asks again where that moves later', async () => {
  await database.query('CREATE TABLE p (id int); CREATE TABLE c (v int)');
  const at = on([make('r1'), make('f', ['r1'], halfway)]);
  const again = async () => {
    await undo({ ...on([make('r1')]), target: 'r1', confirmed: true });
    await upgrade(on([make('r1')]));
    await expect(upgrade(at)).rejects.toEqual(refusedAs('unfinished_step'));
  };
  await expect(upgrade(at)).rejects.toEqual(refusedAs('step_failed'));
  await again();
  await retry({ ...at, revision: 'f' });
  expect(await status(at)).toMatchObject({ halfDone: [{ revision: 'f', finished: 1, inDoubt: false }] });
  await again();
  await database.query('INSERT INTO p VALUES (1)');
  await retry({ ...at, revision: 'f' });
  await upgrade(at);
  expect(await database.query('SELECT v FROM c')).toEqual([{ v: 1 }]);
});

test('a squash outside a transaction that stopped halfway has begun all of its parts, for code that has them', async () => {
  const squash = make('s', [], {
    replaces: ['a', 'b'],
    transaction: 'none',
    upgrade: 'CREATE TABLE t_a (id int); INSERT INTO t_a VALUES (1); SELECT 1 / 0',
  });
  await expect(upgrade(on([squash]))).rejects.toEqual(refusedAs('step_failed'));
  for (const older of [[make('a'), make('b', ['a'])], [make('a')]]) {
    await database.query('DROP TABLE t_a');
    await expect(upgrade({ ...on(older), target: 'a' })).rejects.toMatchObject({
      code: 'unfinished_step',
      hint: expect.stringContaining('a part of the squash s'),
    });
    expect(await tables()).toEqual([]);
    await database.query('CREATE TABLE t_a (id int)');
  }
});

describe('a stamp of where the rows are', () => {
  const inserted = [make('r1'), make('n', ['r1']), make('r2', ['n'])];

  test.each([
    ['that another tool has', () => alembic('r2')],
    [
      'of which the ledger is gone',
      async () => {
        await upgrade(on([make('r1'), make('r2', ['r1'])]));
        await database.query('TRUNCATE revgraph_ledger');
      },
    ],
  ])('%s writes down what it covers', async (_, before) => {
    await before();
    await stamp({ ...on([make('r1'), make('r2', ['r1'])]), target: 'r2', reason: 'adopted' } as never);
    expect(await status(on(inserted))).toMatchObject({ state: 'missed', missed: [{ revision: 'n' }] });
  });

  test('that another tool has, and that goes below it, asks first', async () => {
    await alembic('r2');
    const code = on([make('r1'), make('r2', ['r1'])]);
    expect(await stamp({ ...code, target: 'r1', dryRun: true } as never)).toMatchObject({
      runsAgain: ['r2'],
    });
    await expect(stamp({ ...code, target: 'r1' } as never)).rejects.toEqual(refusedAs('confirmation_needed'));
  });

  test('that forgets a part of a squash that ran by itself asks first', async () => {
    await upgrade(on([make('a'), make('b', ['a']), make('c', ['b'])]));
    const code = on([make('a'), make('c', ['a']), make('s', ['a'], { replaces: ['b', 'n'] })]);
    expect(await stamp({ ...code, target: 'c', dryRun: true } as never)).toMatchObject({ runsAgain: ['b'] });
    await expect(stamp({ ...code, target: 'c' } as never)).rejects.toEqual(refusedAs('confirmation_needed'));
  });

  test('above a squash takes none of its parts for forgotten', async () => {
    const code = on([make('s', [], { replaces: ['a', 'b'] }), make('d', ['s'])]);
    await upgrade({ ...code, target: 's' });
    expect(await stamp({ ...code, target: 'd', dryRun: true } as never)).toMatchObject({ runsAgain: [] });
  });
});

test('a row without an entry takes what is below it along: neither is run again without a word', async () => {
  const ids = ['r1', 'r2', 'r3', 'r4'];
  const code = on(ids.map((id, n) => make(id, n === 0 ? [] : [ids[n - 1] as string])));
  await upgrade(code);
  await database.query("DELETE FROM revgraph_ledger WHERE revision IN ('r3', 'r4')");
  const refused = {
    code: 'missed_revisions',
    details: { unrecorded: ['r3', 'r4'] },
    hint: expect.stringContaining('`revgraph stamp r4 --yes` records that'),
  };
  await expect(upgrade(code)).rejects.toMatchObject(refused);
  await expect(accept({ ...code, revision: 'r4', reason: 'it ran' })).rejects.toMatchObject(refused);
  await expect(repair(code)).rejects.toEqual(refusedAs('repair_refused'));
  await accept({ ...code, revision: 'r3', reason: 'it ran' });
  await accept({ ...code, revision: 'r4', reason: 'it ran' });
  expect(await status(code)).toMatchObject({ state: 'current' });
});

test('a version table that was renamed is told, with the statement that brings its entries along', async () => {
  await alembic('r1');
  await upgrade(on([make('r1'), make('r2', ['r1'])]));
  await database.query(
    'ALTER TABLE alembic_version RENAME TO revgraph_version; ALTER TABLE revgraph_version RENAME COLUMN version_num TO revision',
  );
  const inserted = on([make('r1'), make('n', ['r1']), make('r2', ['n'])]);
  const refused = await status(inserted).catch((error) => error);
  expect(refused).toMatchObject({ code: 'version_table_invalid' });
  await database.query(refused.hint);
  expect(await status(inserted)).toMatchObject({ state: 'missed' });
});

test('what is missed and run now contradicts nothing, whatever the schema shows', async () => {
  const code = (...ids: string[]) =>
    Object.fromEntries(
      ids.map((id, n) => [
        `${id}.sql`,
        sql(id, {
          ...(n === 0 ? {} : { revises: ids[n - 1] as string }),
          upgrade: `CREATE TABLE t_${id} ();`,
        }),
      ]),
    );
  await upgrade({ revisions: folderWith(code('a', 'b')), database: database.url });
  const at = { revisions: folderWith(code('a', 'n', 'b', 'c')), database: database.url };
  await catalogueOf(at.revisions);
  const warnings: string[] = [];
  await upgrade({
    ...at,
    missed: 'run',
    dryRun: true,
    onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
  });
  expect(warnings).toEqual([]);
  expect(await boot({ ...at, missed: 'run' })).toMatchObject({ state: 'current' });
});

test('a stamp of a squash that keeps the id of a part counts the others to code that squashes those alone', async () => {
  const ids = ['a', 'b', 'c'];
  await upgrade(on(ids.map((id, n) => make(id, n === 0 ? [] : [ids[n - 1] as string]))));
  await stamp({ ...on([make('c', [], { replaces: ids })]), target: 'c', reason: 'told so' } as never);
  const others = on([make('d', [], { replaces: ['a', 'b'] }), make('c', ['d'])]);
  expect(await status(others)).toMatchObject({ state: 'current', missed: [] });
});

test('older code that took a squash back to its last part, and ran that, has edited nothing', async () => {
  const older = [make('a'), make('b', ['a'])];
  const whole = 'CREATE TABLE t_a (id int); CREATE TABLE t_b (id int)';
  const newer = [make('b', [], { replaces: ['a', 'b'], upgrade: whole })];
  await upgrade(on(newer));
  await undo({ ...on(older), target: 'b', confirmed: true });
  await upgrade(on(older));
  expect((await status(on(newer))).edited).toEqual([]);
});

describe('the way on that is told', () => {
  test('of what was missed below a row that newer code has names nothing that this row stands on', async () => {
    const [a, b] = [make('a'), make('b', ['a'])];
    await upgrade(on([a, b, make('f', ['b']), make('g', ['f'])]));
    await expect(boot(on([a, make('n', ['a']), make('b', ['n'])]))).rejects.toEqual(refusedAs('unknown_row'));
    const beside = { ...on([a, make('n', ['a']), make('b', ['n'])]), unknownRows: 'allow' as const };
    await expect(upgrade(beside)).rejects.toMatchObject({
      code: 'missed_revisions',
      details: { gone: [] },
      hint: expect.stringContaining('`revgraph repair --unknown-rows allow` runs exactly these'),
    });
  });

  test('of a missed step that failed is a repair, not an upgrade that refuses', async () => {
    const n = make('n', ['r1'], {
      transaction: 'none',
      upgrade: 'CREATE TABLE t_n (); SELECT 1 / 0; SELECT 1',
    });
    await upgrade(on([make('r1'), make('r2', ['r1'])]));
    const code = on([make('r1'), n, make('r2', ['n'])]);
    await expect(repair(code)).rejects.toEqual(refusedAs('step_failed'));
    expect((await retry({ ...code, revision: 'n' })).next).toBe('revgraph repair');
    await expect(script({ ...code, direction: 'upgrade', missed: 'run' })).rejects.toMatchObject({
      details: { next: expect.stringContaining('`revgraph upgrade n --missed run` goes on') },
    });
  });

  test('of a switch is no checklist that asks what becomes of the other branch', async () => {
    const [a, b, c] = [make('a'), make('b', ['a']), make('c', ['a'])];
    await upgrade(on([a, b]));
    await database.query('CREATE TABLE t_c ()');
    await expect(switchDatabase({ ...on([a, c]), confirmed: true })).rejects.toMatchObject({
      code: 'preflight_refused',
      details: { checklist: null },
    });
  });
});

test('a stamp keeps what a revision ran on, whose file is gone, also where code without it took that revision back', async () => {
  const all = [make('a'), make('b', ['a']), make('c', ['b'])];
  await upgrade(on(all));
  const without = on([make('a'), make('c', ['a'])]);
  await undo({ ...without, target: 'c', confirmed: true });
  await database.query('CREATE TABLE t_c (id int)');
  await stamp({ ...without, target: 'c', reason: 'it is there', confirmed: true });
  expect(await status(on(all))).toMatchObject({ state: 'current', missed: [] });
});
