import { describe, expect, test } from 'vitest';
import { boot, buildGraph, downgrade, readiness, script, stamp, status, upgrade } from '../../lib/index.js';
import { databasePerTest, tableRevision as make, ran } from '../support/history.js';

/* Revisions that were renamed (`@formerly`) or squashed (`@replaces`), on databases of before. */

const { database, on, rows, tables } = databasePerTest();
describe('a revision that was renamed', () => {
  const before = [make('a'), make('b', ['a']), make('c', ['b'])];
  const after = [
    make('a1', [], { formerly: ['a'], makes: ['a'] }),
    make('b', ['a']),
    make('c1', ['b'], { formerly: ['c0', 'c'], makes: ['c'] }),
    make('d', ['c1']),
  ];

  test('is the same in rows, ledger, targets and parents', async () => {
    await upgrade(on(before));
    expect(await status(on(after))).toMatchObject({
      state: 'behind',
      current: ['c1'],
      pending: ['d'],
      missed: [],
      lost: [],
      unknown: [],
    });
    expect(ran(await upgrade(on(after)))).toEqual(['d']);
    expect([await rows(), await tables()]).toEqual([['d'], ['t_a', 't_b', 't_c', 't_d']]);
    expect(ran(await downgrade({ ...on(after), target: 'c' }))).toEqual(['d']);
    expect(await rows()).toEqual(['c1']);
    expect(await boot(on(after))).toMatchObject({ state: 'current', current: ['d'] });
    await downgrade({ ...on(after), target: 'base' });
    expect([await rows(), await tables()]).toEqual([[], []]);
  });

  test('a row under the old name is moved by every command, and a script finds it', async () => {
    await upgrade(on(before));
    const { text } = await script({ ...on(after), direction: 'upgrade', target: 'd' });
    expect(text).toContain('WHERE "revision" = \'c\'');
    expect(ran(await downgrade({ ...on(after), target: 'b' }))).toEqual(['c1']);
    expect([await rows(), await tables()]).toEqual([['b'], ['t_a', 't_b']]);
    expect(ran(await upgrade(on(after)))).toEqual(['c1', 'd']);
  });

  test('a stamp over it leaves one row', async () => {
    await upgrade(on(before));
    await stamp({ ...on(after), target: 'd', reason: 'made by hand' });
    expect(await rows()).toEqual(['d']);
  });

  test('a name that two revisions lay claim to is a problem of the graph', () => {
    const twice = () => buildGraph([{ id: 'a' }, { id: 'b', revises: ['a'], formerly: ['a'] }]);
    expect(twice).toThrow(/a is a former id \(@formerly, @replaces\) of b, and means a as well/);
    expect(() =>
      buildGraph([
        { id: 'a', formerly: ['x'] },
        { id: 'b', formerly: ['x'] },
      ]),
    ).toThrow(/x is a former id/);
  });
});

describe('older code on the same database', () => {
  const older = [make('a'), make('b', ['a'])];

  test('finds what newer code renamed and ran: it runs nothing again', async () => {
    await upgrade({ ...on(older), target: 'a' });
    const newer = [make('a'), make('b1', ['a'], { formerly: ['b'], makes: ['b'] })];
    await upgrade(on(newer));
    expect(await rows()).toEqual(['b1']);
    expect(await status(on(older))).toMatchObject({
      state: 'current',
      current: ['b'],
      unknown: [],
      missed: [],
    });
    expect(ran(await upgrade(on(older)))).toEqual([]);
    expect(ran(await downgrade({ ...on(older), target: 'a' }))).toEqual(['b']);
    expect([await rows(), await tables()]).toEqual([['a'], ['t_a']]);
    expect(await status(on(newer))).toMatchObject({ state: 'behind', pending: ['b1'], missed: [], lost: [] });
  });

  test('finds what newer code squashed and ran', async () => {
    const newer = [make('s', [], { replaces: ['a', 'b'], makes: ['a', 'b'] }), make('c', ['s'])];
    await upgrade({ ...on(newer), target: 's' });
    expect(await status(on(older))).toMatchObject({ state: 'current', unknown: [], missed: [] });
    expect(ran(await upgrade(on(older)))).toEqual([]);
    // A part of it taken back by older code is no squash any more.
    expect(ran(await downgrade({ ...on(older), target: 'a' }))).toEqual(['b']);
    expect(await status(on(newer))).toMatchObject({
      state: 'below',
      unsquashed: [{ ran: ['a'], missing: ['b'] }],
    });
    expect(ran(await upgrade(on(older)))).toEqual(['b']);
    expect(await status(on(newer))).toMatchObject({ state: 'behind', pending: ['c'] });
  });
});

describe('a squash', () => {
  const before = [make('a'), make('b', ['a']), make('c', ['b']), make('d', ['c'])];
  const squash = make('s', [], { replaces: ['a', 'b', 'c'], makes: ['a', 'b', 'c'] });
  const after = [squash, make('d', ['c']), make('e', ['d'])];
  const all = ['t_a', 't_b', 't_c', 't_d', 't_e'];

  test.each([
    ['past it', 'd', ['e']],
    ['on it', 'c', ['d', 'e']],
    ['before all', null, ['s', 'd', 'e']],
  ])('a database %s', async (_, at, steps) => {
    if (at !== null) await upgrade({ ...on(before), target: at });
    const dry = await upgrade({ ...on(after), dryRun: true });
    const done = await upgrade(on(after));
    expect([ran(dry), ran(done)]).toEqual([steps, steps]);
    expect([await rows(), await tables()]).toEqual([['e'], all]);
    expect(await status(on(after))).toMatchObject({ state: 'current', missed: [], lost: [], unknown: [] });
    expect(await readiness(on(after)).check()).toMatchObject({ ready: true });
    await downgrade({ ...on(after), target: 'base' });
    expect([await rows(), await tables()]).toEqual([[], []]);
    // What was taken back has to run again.
    expect(ran(await upgrade(on(after)))).toEqual(['s', 'd', 'e']);
  });

  test('a database below it is told what to go through, and nothing runs', async () => {
    await upgrade({ ...on(before), target: 'b' });
    const releases = { '1.0.0': 'c', '2.0.0': 'e' };
    const refused = {
      code: 'below_squash',
      exitValue: 4,
      details: { squash: 's', ran: ['a', 'b'], missing: ['c'], release: '1.0.0' },
      hint: expect.stringContaining('release 1.0.0'),
    };
    const options = { ...on(after), releases };
    await expect(upgrade(options)).rejects.toMatchObject(refused);
    await expect(upgrade({ ...options, unknownRows: 'allow' })).rejects.toMatchObject(refused);
    await expect(boot(options)).rejects.toMatchObject(refused);
    expect(await status(options)).toMatchObject({
      state: 'below',
      unsquashed: [{ squash: 's', missing: ['c'] }],
    });
    expect(await readiness(options).check()).toMatchObject({ ready: false, state: 'below' });
    expect(await tables()).toEqual(['t_a', 't_b']);
  });

  test('without a ledger, the last of those whose place it took says that all ran', async () => {
    await database.query('CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)');
    await database.query("INSERT INTO alembic_version VALUES ('c')");
    expect(ran(await upgrade(on(after)))).toEqual(['d', 'e']);
    expect(await database.query('SELECT * FROM alembic_version')).toEqual([{ version_num: 'e' }]);
  });

  test('a squash may keep the last id', async () => {
    const same = [make('c', [], { replaces: ['a', 'b', 'c'], makes: ['a', 'b', 'c'] }), make('d', ['c'])];
    await upgrade({ ...on(before), target: 'c' });
    // What ran is the parts, and not an earlier text of the squash.
    expect(await status(on(same))).toMatchObject({ state: 'behind', edited: [] });
    expect(ran(await upgrade(on(same)))).toEqual(['d']);
    await database.query('DROP TABLE revgraph_version, revgraph_ledger, t_a, t_b, t_c, t_d');
    await upgrade({ ...on(before), target: 'b' });
    await expect(upgrade(on(same))).rejects.toMatchObject({ code: 'below_squash' });
    expect(await status(on(same))).toMatchObject({ unknown: [{ revision: 'b', kind: 'below', on: ['c'] }] });
  });

  test('one under the last id does not count where a part of it, put below, never ran', async () => {
    await upgrade(on([make('c')]));
    const same = [make('c', [], { replaces: ['b', 'c'], makes: ['b', 'c'] })];
    await expect(upgrade(on(same))).rejects.toMatchObject({
      code: 'below_squash',
      details: { squash: 'c', ran: ['c'], missing: ['b'] },
    });
    expect(await status(on(same))).toMatchObject({ state: 'below', applied: [] });
  });

  test('one that ran, and took in more since, does not count there', async () => {
    const grown = (parts: string[]) => [make('s', [], { replaces: parts, makes: parts })];
    await upgrade(on(grown(['a', 'b'])));
    expect(await status(on(grown(['a', 'b'])))).toMatchObject({ state: 'current' });
    expect(await status(on(grown(['a', 'b', 'c'])))).toMatchObject({
      state: 'below',
      unsquashed: [{ squash: 's', missing: ['c'] }],
    });
    // A renamed one is the same squash.
    const renamed = [make('s2', [], { formerly: ['s'], replaces: ['a', 'b'], makes: ['a', 'b'] })];
    expect(await status(on(renamed))).toMatchObject({ state: 'current', pending: [] });
  });

  test('one of a squash names what that took the place of, and needs no more', async () => {
    const first = [make('q', [], { replaces: ['a', 'b'], makes: ['a', 'b'] }), make('c', ['b'])];
    const second = [make('s', [], { replaces: ['a', 'b', 'c'], makes: ['a', 'b', 'c'] })];
    // One that ran the parts, and one that ran the squash.
    for (const code of [before.slice(0, 2), first.slice(0, 1)]) {
      await upgrade(on(code));
      await upgrade(on(first));
      expect(await status(on(second))).toMatchObject({ state: 'current', applied: ['s'], missed: [] });
      await downgrade({ ...on(second), target: 'base', confirmed: true });
    }
  });

  test('one under the last id that ran itself can be edited', async () => {
    const same = (makes: string[]) => [make('c', [], { replaces: ['a', 'b', 'c'], makes })];
    await upgrade(on(same(['a', 'b', 'c'])));
    expect(await status(on(same(['a', 'b'])))).toMatchObject({ edited: ['c'] });
    // The same where the parts ran here before, and were taken back.
    await downgrade({ ...on(same(['a', 'b', 'c'])), target: 'base' });
    await upgrade({ ...on(before), target: 'c' });
    await downgrade({ ...on(before), target: 'base' });
    await upgrade(on(same(['a', 'b', 'c'])));
    expect(await status(on(same(['a', 'b'])))).toMatchObject({ edited: ['c'] });
  });

  test('one that does not say whose place it took, and does not show it: the refusal says how to, and that leads on', async () => {
    await upgrade({ ...on(before), target: 'd' });
    const unsaid = [make('s', [], { makes: ['a', 'c', 'b'] }), make('d', ['s']), make('e', ['d'])];
    await expect(upgrade(on(unsaid))).rejects.toMatchObject({
      code: 'missed_revisions',
      details: { gone: ['a', 'b', 'c'] },
      hint: expect.stringContaining('`@replaces a, b, c`'),
    });
    expect(ran(await upgrade(on(after)))).toEqual(['e']);
  });
});

test('a stamp of base forgets the parts of a squash with it, however they came to count', async () => {
  const before = [make('a'), make('b', ['a']), make('c', ['b'])];
  const kept = [make('c', [], { replaces: ['a', 'b', 'c'], makes: ['a', 'b', 'c'] })];
  await stamp({ ...on(before), target: 'c', reason: 'by hand', confirmed: true });
  await stamp({ ...on(kept), target: 'base', reason: 'anew', confirmed: true });
  expect(await status(on(kept))).toMatchObject({ unsquashed: [], lost: [], pending: ['c'] });
  expect(ran(await upgrade(on(kept)))).toEqual(['c']);
});

test('a squash that names a part by another name than that under which it ran: the refusal says what to look at', async () => {
  await upgrade(on([make('a'), make('b', ['a'])]));
  const squash = [make('s', [], { replaces: ['a2', 'b'], makes: ['a', 'b'] })];
  await expect(upgrade(on(squash))).rejects.toMatchObject({
    code: 'below_squash',
    hint: expect.stringContaining('ran here under another name (no file has a), write that into `@replaces`'),
  });
});
