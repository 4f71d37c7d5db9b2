import { describe, expect, test } from 'vitest';
import {
  boot,
  downgrade,
  readiness,
  repair,
  script,
  stamp,
  status,
  switchDatabase,
  undo,
  upgrade,
} from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { databasePerTest, tableRevision as make, ran, refusedAs } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* A version table and its ledger that are not where each other is, and what stays recorded beside rows that no file has. */

const { database, on } = databasePerTest();
const chain = [make('r1'), make('r2', ['r1']), make('r3', ['r2'])];

/** Another tenant comes first on the search path. */
const tenantFirst = () => database.query(`ALTER DATABASE "${database.name}" SET search_path = ta, public`);

describe('a ledger of another schema', () => {
  const told = {
    code: 'ledger_elsewhere',
    exitValue: 4,
    details: { table: 'revgraph_version', schema: 'ta', ledger: 'public' },
    message: expect.stringMatching(/^Table ta\.revgraph_version has no ledger .* Nothing was run\.$/),
  };

  test('says nothing of a tenant that lost its own: no stamp is advised, everything refuses', async () => {
    await upgrade(on(chain));
    await database.query('CREATE SCHEMA ta');
    await upgrade({ ...on(chain), target: 'r1', schema: 'ta' });
    await database.query('DROP TABLE ta.revgraph_ledger');
    await tenantFirst();
    for (const ask of [status, upgrade, boot]) await expect(ask(on(chain))).rejects.toMatchObject(told);
    expect(await readiness(on(chain)).check()).toMatchObject({ ready: false });
    // As it is advised: that table alone, or the one behind it.
    expect(ran(await upgrade({ ...on(chain), schema: 'ta' }))).toEqual(['r2', 'r3']);
    expect(await status({ ...on(chain), schema: 'public' })).toMatchObject({ state: 'current' });
  });

  test('an empty one too', async () => {
    await database.query('CREATE SCHEMA ta');
    await tenantFirst();
    await upgrade({ ...on(chain), target: 'r1' });
    await database.query('ALTER TABLE ta.revgraph_ledger SET SCHEMA public; DELETE FROM revgraph_ledger');
    await expect(upgrade(on(chain))).rejects.toMatchObject(told);
    await database.query('ALTER TABLE "public"."revgraph_ledger" SET SCHEMA "ta"');
    expect(ran(await upgrade(on(chain)))).toEqual(['r2', 'r3']);
  });

  test("Alembic's table of one schema beside ours of another", async () => {
    await upgrade(on([make('o1')]));
    await database.query(
      "CREATE SCHEMA ta; CREATE TABLE ta.alembic_version (version_num varchar(32)); INSERT INTO ta.alembic_version VALUES ('r1')",
    );
    await tenantFirst();
    await expect(status(on(chain))).rejects.toEqual(refusedAs('two_version_tables'));
    await expect(upgrade({ ...on(chain), versionTable: 'alembic_version' })).rejects.toEqual(
      refusedAs('ledger_elsewhere'),
    );
    const there = { ...on(chain), versionTable: 'alembic_version', schema: 'ta' };
    expect(ran(await upgrade({ ...there, target: 'r2' }))).toEqual(['r2']);
  });

  test('whose numbers are behind is mended with names that any search path finds', async () => {
    await database.query('CREATE SCHEMA "T-b"');
    const there = { ...on(chain), schema: 'T-b' };
    await upgrade({ ...there, target: 'r1' });
    await database.query(`SELECT setval(pg_get_serial_sequence('"T-b".revgraph_ledger', 'entry'), 1, false)`);
    const refused = await upgrade(there).catch(
      (error: Error & { hint: string }) => `${error.message} ${error.hint}`,
    );
    await database.query(/SELECT setval.*?;/.exec(String(refused))?.[0] as string);
    expect(ran(await upgrade(there))).toEqual(['r2', 'r3']);
  });
});

test('a version table that was renamed in the middle of a backfill takes its backfill along', async () => {
  const batch = { name: 'fill', table: 'p', key: 'id', size: 1 };
  const folder = folderWith({
    'r1.sql': sql('r1', { upgrade: 'CREATE TABLE p (id int PRIMARY KEY, n int CHECK (n < 9));' }),
    'f.sql': [
      '-- fills\n--\n-- @revision f\n-- @revises r1',
      `-- @batch "${batch.name}" table p key id size 1\nUPDATE p SET n = n + 1 FROM batch WHERE p.id = batch.id;`,
    ].join('\n'),
  });
  const there = (versionTable: string) => ({ ...on(folder), versionTable });
  await upgrade({ ...there('v1'), target: 'r1' });
  await database.query('INSERT INTO p VALUES (1, 0), (2, 8), (3, 0)');
  await expect(upgrade(there('v1'))).rejects.toEqual(refusedAs('backfill_incomplete'));
  await database.query('UPDATE p SET n = 0 WHERE id = 2; ALTER TABLE v1 RENAME TO v2');
  const refused = await upgrade(there('v2')).catch((error: Error & { hint: string }) => error.hint);
  await database.query(/ALTER TABLE IF EXISTS.*;/.exec(String(refused))?.[0] as string);
  await upgrade(there('v2'));
  expect(await database.query('SELECT n FROM p ORDER BY id')).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
});

describe('a stamp by code that lacks revisions', () => {
  test('keeps what the row of one of those stands on', async () => {
    const newer = [...chain, make('f', ['r3'])];
    await upgrade(on(newer));
    await stamp({ ...on(chain), target: 'f', confirmed: true, reason: 'as it is' });
    expect(await status(on(newer))).toMatchObject({
      state: 'current',
      missed: [],
      applied: expect.any(Array),
    });
    expect(await status(on(chain))).toMatchObject({ state: 'ahead', applied: ['r1', 'r2', 'r3'] });
  });

  test('keeps nothing that files put above what it stamps, though it stood below what no file has', async () => {
    await upgrade(on(chain));
    // r2 is gone, and r1 was put on top of r3.
    const turned = [make('r3'), make('r1', ['r3'])];
    const { runsAgain } = await stamp({ ...on(turned), target: 'r3', reason: 'as it is', confirmed: true });
    expect(runsAgain).toEqual(['r1']);
    expect(await status(on(turned))).toMatchObject({ state: 'behind', pending: ['r1'] });
  });

  test('names what it forgets beside the row that goes', async () => {
    const newer = [make('r1'), make('x', ['r1']), make('r2', ['x']), make('d', ['r2'])];
    const older = [make('r1'), make('r2', ['r1'])];
    await upgrade(on(older));
    await upgrade({ ...on(newer), missed: 'run' });
    const dry = await stamp({ ...on(older), target: 'r2', reason: 'back', dryRun: true });
    expect(dry).toMatchObject({ forgets: ['d'], runsAgain: ['x'] });
  });
});

describe('a script refuses what a run refuses', () => {
  const required = (requires: string) =>
    folderWith({
      'r1.sql': sql('r1', { upgrade: 'CREATE TABLE p (id int PRIMARY KEY, n int);' }),
      'f.sql':
        '-- fills\n--\n-- @revision f\n-- @revises r1\n-- @background\n-- @batch "fill" table p key id\nUPDATE p SET n = 1 FROM batch WHERE p.id = batch.id;',
      'z.sql': `-- z\n--\n-- @revision z\n-- @revises f\n-- @requires ${requires}\n\n-- @upgrade\nCREATE TABLE z ();`,
    });

  test.each(['backfill f', 'postgres >=99', 'extension no_such_thing'])('@requires %s', async (requires) => {
    const folder = required(requires);
    await upgrade({ ...on(folder), target: 'r1' });
    await upgrade({ ...on(folder), target: 'f' });
    const refused = refusedAs('requirement_unmet');
    await expect(upgrade({ ...on(folder), dryRun: true })).rejects.toEqual(refused);
    await expect(script({ ...on(folder), direction: 'upgrade' })).rejects.toEqual(refused);
  });

  test('edited, or losing rows, where that is refused', async () => {
    await upgrade({ ...on(chain), target: 'r1' });
    await database.query('INSERT INTO t_r1 VALUES (1)');
    const edited = [make('r1', [], { upgrade: 'CREATE TABLE t_r1 (id bigint)' }), ...chain.slice(1)];
    await expect(script({ ...on(edited), direction: 'upgrade', edited: 'refuse' })).rejects.toEqual(
      refusedAs('edited_revisions'),
    );
    const drops = [make('r1'), make('r2', ['r1'], { upgrade: 'DROP TABLE t_r1' })];
    await expect(script({ ...on(drops), direction: 'upgrade', destructive: 'refuse' })).rejects.toEqual(
      refusedAs('destruction_refused'),
    );
  });
});

test.each([
  ['switch', '--sql'],
  ['accept', 'r1', '--reason', 'x', '--sql'],
  ['forget', 'r1', '--reason', 'x', '--sql'],
  ['backfill', 'undo', 'r1', '--dry-run'],
  ['backfill', 'work', '--sql'],
])('%s %s: who asks for a script or a look does not get the deed', async (...args) => {
  const folder = folderWith({ 'r1.sql': sql('r1', {}) });
  const { exitValue, stderr } = await run(folder, [...args, '--revisions', '.', '--url', database.url]);
  expect(stderr).toMatch(/does not support --(sql|dry-run)\./);
  expect(exitValue).toBe(2);
});

describe('a squash of which older code has a part', () => {
  const older = [make('a'), make('b', ['a'])];
  const squash = make('s', ['a'], {
    replaces: ['b', 'c'],
    breaksBefore: '2.0.0',
    upgrade: 'CREATE TABLE t_b (id int); CREATE TABLE t_c (id int)',
    downgrade: 'DROP TABLE t_c, t_b',
  });
  const newer = [make('a'), squash, make('d', ['s'])];

  test('is more than that part: it is ahead, and its way back would take the part along', async () => {
    await upgrade(on(newer));
    expect(await status(on(older))).toMatchObject({
      state: 'ahead',
      applied: ['a', 'b'],
      unknown: [{ revision: 'd', kept: false, breaksBefore: '2.0.0' }],
    });
    await expect(switchDatabase({ ...on(older), confirmed: true })).rejects.toEqual(refusedAs('unknown_row'));
    expect(await status(on(newer))).toMatchObject({ state: 'current' });
  });

  test('breaks that code, whichever way it came', async () => {
    await upgrade({ ...on(newer), target: 's' });
    const options = { ...on(older), releases: { '1.0.0': 'b' } };
    const refused = refusedAs('incompatible');
    await expect(boot(options)).rejects.toEqual(refused);
    expect(await readiness(options).check()).toMatchObject({ ready: false });
    await stamp({ ...on(newer), target: 's', reason: 'again', confirmed: true });
    await expect(boot(options)).rejects.toEqual(refused);
    // Code that has all of its parts has what it does.
    const whole = [...older, make('c', ['b'])];
    expect(await boot({ ...on(whole), releases: { '1.0.0': 'c' } })).toMatchObject({ state: 'current' });
  });
});

describe('a squash that keeps the last id', () => {
  const squash = make('c', ['a'], {
    replaces: ['b', 'c'],
    breaksBefore: '2.0.0',
    upgrade: 'CREATE TABLE t_b (id int); CREATE TABLE t_c (id int)',
    downgrade: 'DROP TABLE t_c, t_b',
  });
  const newer = [make('a'), squash];

  test('is more than the part that older code has: it is ahead, breaks it, and is not taken back by it', async () => {
    await upgrade(on(newer));
    const older = { ...on([make('a'), make('b', ['a'])]), releases: { '1.0.0': 'b' } };
    expect(await status(older)).toMatchObject({ state: 'ahead', unknown: [{ revision: 'c' }] });
    await expect(boot(older)).rejects.toEqual(refusedAs('incompatible'));
    expect(await readiness(older).check()).toMatchObject({ ready: false });
    await expect(undo({ ...older, target: 'b', confirmed: true })).rejects.toEqual(refusedAs('unknown_row'));
    expect(await status(on(newer))).toMatchObject({ state: 'current' });
  });

  test('ran for code that has its parts, also where one of them has another name now', async () => {
    await upgrade(on(newer));
    const renamed = on([make('a'), make('bb', ['a'], { formerly: 'b' }), make('c', ['bb'])]);
    expect(await status(renamed)).toMatchObject({ state: 'current', applied: ['a', 'bb', 'c'], missed: [] });
  });
});

describe('a script that was made before', () => {
  const late = [make('r1'), make('x', ['r1']), make('r2', ['x'])];

  test('stops in front of what ran under a later name', async () => {
    await upgrade(on([make('r1'), make('r2', ['r1'])]));
    const { text } = await script({ ...on(late), direction: 'upgrade', missed: 'run' });
    const renamed = [
      make('r1'),
      make('xx', ['r1'], { formerly: 'x', upgrade: 'CREATE TABLE t_x (id int)' }),
      make('r2', ['xx']),
    ];
    await repair(on(renamed));
    await expect(database.query(text)).rejects.toThrow(
      /x has run, or was accepted, since this script was made/,
    );
  });

  test('stops in front of what ran since, also where older code went back to where it began', async () => {
    const { text } = await script({ ...on(late), direction: 'upgrade' });
    await upgrade(on(late));
    await downgrade({ ...on([make('r1'), make('r2', ['r1'])]), target: 'base', confirmed: true });
    await expect(database.query(text)).rejects.toThrow(/x has run/);
  });
});

test('beside a row that no file has, what is missed is told with the command that runs it, and nothing applied is pending', async () => {
  await upgrade(on([make('a'), make('b', ['a']), make('f', ['b'])]));
  const folder = folderWith(
    Object.fromEntries(
      [
        ['a', ''],
        ['n', 'a'],
        ['b', 'n'],
      ].map(([id = '', revises = '']) => [
        `${id}.sql`,
        sql(id, {
          ...(revises === '' ? {} : { revises }),
          upgrade: `CREATE TABLE t_${id} (id int)`,
          downgrade: `DROP TABLE t_${id}`,
        }),
      ]),
    ),
  );
  const { stdout } = await run(folder, ['status', '--revisions', '.', '--url', database.url]);
  expect(stdout).toMatch(/missed {4}n never ran, below b; `revgraph repair --unknown-rows allow/);
  expect(stdout).toMatch(/pending {3}none of these files/);
});
