import { describe, expect, test } from 'vitest';
import {
  boot,
  downgrade,
  explain,
  forget,
  readiness,
  repair,
  stamp,
  status,
  undo,
  upgrade,
} from '../../lib/index.js';
import { databasePerTest, ran, tableRevision } from '../support/history.js';

/* Two versions of the code on one database, one of which does not know what the other did. */

const { database, on, rows, tables } = databasePerTest();
const [a1, a2, a3] = [tableRevision('a1'), tableRevision('a2', ['a1']), tableRevision('a3', ['a2'])];
const newer = [a1, a2, a3];
const older = [a1, a2];

describe('rows that were lost', () => {
  test('are not restored by code that lacks one of them', async () => {
    await upgrade(on(newer));
    await database.query('DELETE FROM revgraph_version');
    await expect(upgrade(on(older))).rejects.toMatchObject({
      code: 'rows_lost',
      details: { lost: ['a1', 'a2'], gone: ['a3'] },
      hint: expect.stringMatching(
        /also records a3, which no file has\. Restore the rows with the code that has it/,
      ),
    });
    await expect(stamp({ ...on(older), target: 'a2', reason: 'typed' })).rejects.toMatchObject({
      code: 'confirmation_needed',
      message: expect.stringContaining('forgets that a3 ran on this database'),
    });
    expect(await stamp({ ...on(older), target: 'a2', dryRun: true })).toMatchObject({ runsAgain: ['a3'] });
    await expect(upgrade(on(newer))).rejects.toMatchObject({
      hint: expect.stringContaining('stamp a3 --yes'),
    });
    await stamp({ ...on(newer), target: 'a3', confirmed: true });
    expect(await status(on(newer))).toMatchObject({ state: 'current' });
  });

  test('a row of newer code that is forgotten leaves what it stood on', async () => {
    await upgrade(on(newer));
    await forget({ ...on(older), revision: 'a3', reason: 'given up', confirmed: true });
    expect(await rows()).toEqual(['a2']);
    expect(await status(on(older))).toMatchObject({ state: 'current', lost: [], missed: [] });
  });
});

describe('a squash under the id of one of its parts', () => {
  const squashed = tableRevision('a2', [], {
    replaces: ['a1', 'a2'],
    upgrade: 'CREATE TABLE t_a1 (id int); CREATE TABLE t_a2 (id int)',
    downgrade: 'DROP TABLE t_a2; DROP TABLE t_a1',
  });
  const code = [squashed, a3];

  test('taken back, it takes all its parts back: older code runs them again', async () => {
    await upgrade(on(newer));
    await undo({ ...on(code), target: 'a2', confirmed: true });
    expect([await rows(), await tables()]).toEqual([[], []]);
    expect(await status(on(newer))).toMatchObject({ pending: ['a1', 'a2', 'a3'], lost: [] });
    expect(ran(await upgrade(on(newer)))).toEqual(['a1', 'a2', 'a3']);
    expect(await tables()).toEqual(['t_a1', 't_a2', 't_a3']);
  });

  test('run on a fresh database, it ran all its parts: older code is served', async () => {
    await upgrade(on(code));
    for (const revisions of [newer, older]) {
      expect(await status(on(revisions))).toMatchObject({ missed: [], lost: [], edited: [] });
      expect(await readiness(on(revisions)).check()).toMatchObject({ ready: true });
      expect(ran(await boot(on(revisions)))).toEqual([]);
    }
    // What an old downgrade took away is no whole squash any more.
    await downgrade({ ...on(newer), target: 'a1' });
    expect(await status(on(code))).toMatchObject({
      state: 'below',
      unsquashed: [{ ran: ['a1'], missing: ['a2'] }],
    });
  });
});

test('what a squash ran is not compared with the texts of its parts', async () => {
  const squash = tableRevision('s', [], {
    replaces: ['a1', 'a2'],
    upgrade: 'CREATE TABLE t_a1 (id int); CREATE TABLE t_a2 (id int)',
    downgrade: 'DROP TABLE t_a2; DROP TABLE t_a1',
  });
  await upgrade(on([squash]));
  expect(await status(on(older))).toMatchObject({ state: 'current', edited: [] });
});

describe('dependencies that change by themselves', () => {
  const line = (label: string) => [
    tableRevision(`${label}1`, [], { labels: [label] }),
    tableRevision(`${label}2`, [`${label}1`]),
  ];
  test.each([
    [
      'the head of another line',
      [...line('lb'), tableRevision('x', [], { dependsOn: ['lb@head'] })],
      [...line('lb'), tableRevision('lb3', ['lb2']), tableRevision('x', [], { dependsOn: ['lb@head'] })],
      'lb3',
    ],
    [
      'an optional one that is installed later',
      [tableRevision('x', [], { dependsOn: ['?pl'] })],
      [tableRevision('x', [], { dependsOn: ['?pl'] }), tableRevision('pl')],
      'pl',
    ],
  ])('%s: its own upgrade leaves it current', async (_, before, after, added) => {
    await upgrade({ ...on(before), target: 'heads' });
    expect(ran(await upgrade({ ...on(after), target: 'heads' }))).toEqual([added]);
    expect(await status(on(after))).toMatchObject({ state: 'current', lost: [], pending: [] });
    expect(await readiness(on(after)).check()).toMatchObject({ ready: true });
    expect(ran(await boot(on(after)))).toEqual([]);
    expect(ran(await downgrade({ ...on(after), target: 'base' })).sort()).toContain(added);
    expect(await tables()).toEqual([]);
  });
});

test("a version table of Alembic's that was emptied is not believed; what Alembic took back is said", async () => {
  const alembic = { ...on(newer), versionTable: 'alembic_version' };
  await database.query('CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)');
  await upgrade(alembic);
  await database.query('DELETE FROM alembic_version');
  await expect(upgrade(alembic)).rejects.toMatchObject({
    code: 'rows_lost',
    hint: expect.stringMatching(
      /stamp a3 --yes.*If Alembic took these revisions back, `revgraph stamp base --yes`/,
    ),
  });
  expect(await readiness(alembic).check()).toMatchObject({ ready: false });
  await database.query('DROP TABLE t_a3, t_a2, t_a1');
  await stamp({ ...alembic, target: 'base', confirmed: true });
  expect(ran(await upgrade(alembic))).toEqual(['a1', 'a2', 'a3']);
  // One that Alembic moved is believed.
  await database.query("UPDATE alembic_version SET version_num = 'a2'; DROP TABLE t_a3");
  expect(ran(await upgrade(alembic))).toEqual(['a3']);
});

test('a ledger that is another table is told of as that, by a run too', async () => {
  await upgrade(on(older));
  await database.query('ALTER TABLE revgraph_ledger DROP COLUMN statistics');
  const told = { code: 'version_table_invalid', message: expect.stringContaining('statistics') };
  await expect(status(on(newer))).rejects.toMatchObject(told);
  await expect(upgrade(on(newer))).rejects.toMatchObject(told);
});

test.each([
  [
    'a trigger',
    'CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER t BEFORE INSERT ON revgraph_ledger FOR EACH ROW EXECUTE FUNCTION no()',
  ],
  ['a rule', 'CREATE RULE r AS ON INSERT TO revgraph_ledger DO INSTEAD NOTHING'],
])('a ledger whose entries are swallowed by %s: nothing runs', async (_, swallow) => {
  await upgrade(on(older));
  await database.query(swallow);
  for (const third of [a3, tableRevision('a3', ['a2'], { verify: { title: 'x', sql: 'SELECT true' } })])
    await expect(upgrade(on([a1, a2, third]))).rejects.toMatchObject({
      code: 'step_failed',
      message: expect.stringContaining('a trigger or a rule of the table swallows it'),
      details: { remains: 'nothing' },
    });
  expect([await rows(), await tables()]).toEqual([['a2'], ['t_a1', 't_a2']]);
});

test('what ran upon something that code without it took back: no stamp is advised that would count that too', async () => {
  const late = tableRevision('late', ['a1']);
  const inserted = [a1, late, tableRevision('a2', ['late'])];
  await upgrade(on(older));
  await repair(on(inserted));
  expect(await tables()).toEqual(['t_a1', 't_a2', 't_late']);
  await downgrade({ ...on(older), target: 'base', confirmed: true });
  const refused = {
    code: 'rows_lost',
    details: { lost: ['late'], under: ['a1'] },
    hint: expect.stringContaining('`revgraph stamp base --yes`'),
  };
  await expect(upgrade(on(inserted))).rejects.toMatchObject(refused);
  expect(await explain({ ...on(inserted), revision: 'a2' })).toMatchObject({ next: null });
  // As it is typed.
  await database.query('DROP TABLE t_late');
  await stamp({ ...on(inserted), target: 'base', confirmed: true });
  expect(ran(await upgrade(on(inserted)))).toEqual(['a1', 'late', 'a2']);
});

test('a row that stands twice in a table without its key says no more than once', async () => {
  await upgrade(on(older));
  await database.query(
    "ALTER TABLE revgraph_version DROP CONSTRAINT revgraph_version_pkey; INSERT INTO revgraph_version VALUES ('a2')",
  );
  expect(await status(on(newer))).toMatchObject({ state: 'behind', current: ['a2'] });
  await upgrade(on(newer));
  expect(await rows()).toEqual(['a3', 'a3']);
  await downgrade({ ...on(newer), target: 'base', confirmed: true });
  expect([await rows(), await tables()]).toEqual([[], []]);
});
