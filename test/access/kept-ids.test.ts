import { describe, expect, test } from 'vitest';
import {
  boot,
  downgrade,
  type Revision,
  readiness,
  script,
  stamp,
  status,
  undo,
  upgrade,
} from '../../lib/index.js';
import { freshDatabase } from '../support/databases.js';
import { databasePerTest, tableRevision as make, ran, refusedAs } from '../support/history.js';

/* An id that meant several things: a squash under the id of a part, by itself and in later squashes; ids that come again. */

const { database, on, rows, tables } = databasePerTest();

/** A squash that makes what its parts made. */
const all = (revision: string, revises: string[], makes: string[]): Revision =>
  make(revision, revises, { replaces: makes, makes });

describe('a database that was born with a squash under the id of its last part', () => {
  const kept = [all('c', [], ['a', 'c']), make('d', ['c'])];
  const later = [
    ['under an id of its own', [all('s', [], ['a', 'c']), make('d', ['s'])]],
    ['of more', [all('s', [], ['a', 'c', 'd'])]],
    ['of more, under the last id again', [all('d', [], ['a', 'c', 'd'])]],
  ] as const;

  test.each(later)('is current for a later squash %s', async (_, code) => {
    await upgrade(on(kept));
    expect(await status(on(code))).toMatchObject({ state: 'current', missed: [], unsquashed: [] });
    expect(ran(await upgrade(on(code)))).toEqual([]);
    await downgrade({ ...on(code), target: 'base', confirmed: true });
    expect(await tables()).toEqual([]);
    expect(await status(on(kept))).toMatchObject({ applied: [], missed: [], lost: [] });
  });

  test.each(later)('is not, where its ground was taken away: %s', async (_, code) => {
    await upgrade(on(kept));
    const older = on([make('a'), make('d', ['a'])]);
    await downgrade({ ...older, target: 'base', confirmed: true });
    await database.query('DROP TABLE t_c');
    await upgrade(older);
    expect((await status(on(code))).state).not.toBe('current');
    await expect(upgrade(on(code))).rejects.toMatchObject({ exitValue: 4 });
  });

  test('is ahead for older code that has one of the parts, also when others are taken back', async () => {
    const parts = [make('a'), make('b', ['a']), make('c', ['b'])];
    await upgrade(on([all('c', [], ['a', 'b', 'c'])]));
    await undo({ ...on(parts), target: 'c' });
    const oldest = on(parts.slice(0, 1));
    expect(await status(oldest)).toMatchObject({ state: 'ahead', applied: ['a'], pending: [] });
    expect(await readiness(oldest).check()).toMatchObject({ ready: true });
    expect(await boot({ ...oldest, evidence: 'off' })).toMatchObject({ state: 'ahead' });
    expect(ran(await upgrade({ ...oldest, unknownRows: 'allow' }))).toEqual([]);
    expect(ran(await upgrade(on(parts)))).toEqual(['c']);
  });
});

test('what a squash under a kept id did not take back is there for the oldest code, which can be told of it', async () => {
  await upgrade(on([make('z'), make('a', ['z']), make('b', ['a']), make('c', ['b'])]));
  await undo({ ...on([make('z'), all('b', ['z'], ['a', 'b']), make('c', ['b'])]), target: 'c' });
  const oldest = on([make('z')]);
  expect(await status(oldest)).toMatchObject({ state: 'ahead', pending: [] });
  await downgrade({ ...oldest, target: 'z', confirmed: true });
  expect(await tables()).toEqual(['t_z']);
});

describe('an id that comes again on top of what had it is a revision of its own', () => {
  test('a part of a squash that names its parts no more', async () => {
    await upgrade(on([all('s', [], ['a', 'b'])]));
    const code = on([make('s'), make('b', ['s'], { upgrade: 'CREATE TABLE t_new (id int)' })]);
    expect(await status(code)).toMatchObject({ state: 'behind', pending: ['b'] });
    await upgrade(code);
    expect(await tables()).toContain('t_new');
  });

  test('a former id that is named no more', async () => {
    await upgrade(on([make('y', [], { formerly: ['x'] })]));
    const code = on([make('y'), make('x', ['y'])]);
    expect(ran(await upgrade(code))).toEqual(['x']);
    expect(await rows()).toEqual(['x']);
  });
});

test('a row that goes and comes again in one step stays under the name that it has', async () => {
  const old = [make('r0'), make('r1', ['r0']), make('r2', ['r0'])];
  await upgrade({ ...on(old), target: 'heads' });
  const code = on([all('s', [], ['r0', 'r2'])]);
  await undo({ ...code, target: 'r1', confirmed: true });
  expect(await tables()).toEqual(['t_r0', 't_r2']);
  await downgrade({ ...code, target: 'base', confirmed: true });
  expect(await tables()).toEqual([]);
});

describe('a script that was made before', () => {
  const code = [make('r1'), make('n', ['r1']), make('r2', ['n']), make('r3', ['r2'])];
  const older = () => on([make('r1'), make('r2', ['r1'])]);
  const gone = /something that this script stands on was taken back/;

  test.each(['upgrade', 'downgrade'] as const)(
    'stops where something below was taken back: %s',
    async (direction) => {
      await upgrade({ ...on(code), target: 'r2' });
      const target = direction === 'upgrade' ? 'r3' : 'r1';
      const { text } = await script({ ...on(code), direction, target });
      const offline = await script({
        ...on(code),
        direction,
        target: direction === 'upgrade' ? 'r2:r3' : 'r2:r1',
      });
      await downgrade({ ...on(code), target: 'r1', confirmed: true });
      await upgrade(older());
      for (const one of [text, offline.text]) await expect(database.query(one)).rejects.toThrow(gone);
      expect(await tables()).toEqual(['t_r1', 't_r2']);
    },
  );

  test('stops where something below was taken back and ran again', async () => {
    await upgrade({ ...on(code), target: 'r2' });
    const { text } = await script({ ...on(code), direction: 'downgrade', target: 'r1' });
    await downgrade({ ...older(), target: 'base', confirmed: true });
    await upgrade(older());
    await expect(database.query(text)).rejects.toThrow(gone);
  });

  test('runs where what was taken back ran again, or is said to be there', async () => {
    await upgrade({ ...on(code), target: 'r2' });
    await downgrade({ ...on(code), target: 'r1', confirmed: true });
    await upgrade({ ...on(code), target: 'n' });
    await database.query('CREATE TABLE t_r2 (id int)');
    await stamp({ ...on(code), target: 'r2', reason: 'it is there' });
    await database.query((await script({ ...on(code), direction: 'upgrade', target: 'r2:r3' })).text);
    expect(await status(on(code))).toMatchObject({ state: 'current' });
    await database.query((await script({ ...on(code), direction: 'downgrade', target: 'base' })).text);
    expect(await tables()).toEqual([]);
  });
});

test('a downgrade of a part by code that has the parts leaves the others', async () => {
  const parts = on([make('a'), make('c', ['a'])]);
  await upgrade(on([all('c', [], ['a', 'c'])]));
  await undo({ ...parts, target: 'c' });
  expect(await status(parts)).toMatchObject({ applied: ['a'], pending: ['c'] });
  await expect(upgrade(on([all('c', [], ['a', 'c'])]))).rejects.toEqual(refusedAs('below_squash'));
});

describe('a baseline that keeps its id while it grows', () => {
  const small = [all('a', [], ['a', 'b']), make('c', ['a']), make('d', ['c'])];
  const big = [all('a', [], ['a', 'b', 'c']), make('d', ['a'])];

  test('has run what older code has as files', async () => {
    await upgrade({ ...on(big), target: 'a' });
    expect(await status(on(small))).toMatchObject({ applied: ['a', 'c'], lost: ['c'] });
    await expect(upgrade(on(small))).rejects.toEqual(refusedAs('rows_lost'));
    expect(await tables()).toEqual(['t_a', 't_b', 't_c']);
  });

  test('at its heads, serves the release before', async () => {
    await upgrade(on(big));
    expect(await status(on(small))).toMatchObject({ state: 'current', missed: [] });
    expect(await boot({ ...on(small), evidence: 'off' })).toMatchObject({ state: 'current' });
  });
});

test('under the first id of its parts, a part that ran alone is not all of them', async () => {
  const parts = on([make('a'), make('b', ['a']), make('c', ['b'])]);
  const kept = on([all('a', [], ['a', 'b']), make('c', ['a'])]);
  await upgrade(kept);
  await downgrade({ ...kept, target: 'base', confirmed: true });
  await upgrade({ ...parts, target: 'a' });
  await expect(upgrade(kept)).rejects.toEqual(refusedAs('below_squash'));
  expect(ran(await upgrade(parts))).toEqual(['b', 'c']);
  expect(await status(kept)).toMatchObject({ state: 'current', missed: [] });
});

test('what a squash kept of its parts is not gone because others were taken back by code that lacks it', async () => {
  const kept = on([all('r2', [], ['r0', 'r1', 'r2']), make('r3', ['r2'])]);
  await upgrade(kept);
  const hotfix = on([make('r0'), make('r1', ['r0']), make('r3', ['r1'])]);
  await downgrade({ ...hotfix, target: 'base', confirmed: true });
  expect(await tables()).toEqual(['t_r2']);
  await expect(upgrade(kept)).rejects.toMatchObject({ exitValue: 4 });
});

test('a squash of a squash takes back what that took the place of', async () => {
  const before = on([make('z'), all('s', ['z'], ['a', 'b']), make('d', ['s'])]);
  const later = on([
    make('s2', [], {
      replaces: ['z', 's', 'd'],
      upgrade: 'SELECT 1',
      downgrade: 'DROP TABLE t_d; DROP TABLE t_a; DROP TABLE t_b; DROP TABLE t_z',
    }),
  ]);
  await upgrade(before);
  expect(await status(later)).toMatchObject({ state: 'current' });
  await downgrade({ ...later, target: 'base', confirmed: true });
  expect(await status(before)).toMatchObject({ applied: [], lost: [], missed: [] });
  expect(ran(await upgrade(before))).toEqual(['z', 's', 'd']);
});

test('a squash that ran when its file did not name its parts any more serves code whose file does', async () => {
  await upgrade(on([make('s'), make('e', ['s'])]));
  const older = on([make('s', [], { replaces: ['a', 'b'] })]);
  expect(await status(older)).toMatchObject({ state: 'ahead', applied: ['s'], unsquashed: [] });
  expect(await boot({ ...older, evidence: 'off' })).toMatchObject({ state: 'ahead' });
});

test('a script that was made on one database runs on another whose ledger has more', async () => {
  const code = [make('a'), make('b', ['a']), make('c', ['b'])];
  await upgrade({ ...on(code), target: 'b' });
  const { text } = await script({ ...on(code), direction: 'upgrade' });
  const other = await freshDatabase();
  const there = { revisions: code, database: other.url };
  await upgrade(there);
  await downgrade({ ...there, target: 'a', confirmed: true });
  await upgrade({ ...there, target: 'b' });
  await other.query(text);
  expect(await status(there)).toMatchObject({ state: 'current' });
  await other.drop();
});
