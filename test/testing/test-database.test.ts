import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { status } from '../../lib/index.js';
import { createTestDatabase, expectUpDown, throwAwayDatabases } from '../../lib/testing/index.js';
import { folderWith, sql } from '../support/project.js';

/* Databases for the tests of users, and the way down of every revision. */

const files = (more = '') => ({
  'a.sql': sql('a', { upgrade: `CREATE TABLE t_a (id int); ${more}`, downgrade: 'DROP TABLE t_a;' }),
  'b.sql': sql('b', {
    revises: 'a',
    upgrade: 'CREATE TABLE t_b (id int); INSERT INTO t_b VALUES (1);',
    downgrade: 'DROP TABLE t_b;',
  }),
});

describe.each([
  ['a server', () => inject('serverUrl')],
  ['PGlite', () => undefined],
])('createTestDatabase on %s', (_, server) => {
  // Of this run alone: templates stay for others.
  const key = randomBytes(8).toString('hex');
  const on = server();
  const make = async (revisions: string, more: object = {}) => {
    const db = await createTestDatabase({ revisions, on, key, ...more });
    onTestFinished(db.drop);
    return db;
  };
  const tables = async ({ query }: Awaited<ReturnType<typeof make>>) =>
    (await query("SELECT tablename FROM pg_tables WHERE tablename LIKE 't\\_%' ORDER BY 1")).rows.map(
      ({ tablename }) => tablename,
    );

  test('gives databases that are migrated, seeded, and apart', async () => {
    const revisions = folderWith(files());
    const seed = 'INSERT INTO t_a VALUES (7)';
    const [one, other] = [await make(revisions, { seed }), await make(revisions, { seed })];
    expect(await tables(one)).toEqual(['t_a', 't_b']);
    expect(await status({ revisions, database: one.database })).toMatchObject({
      state: 'current',
      current: ['b'],
    });
    await one.query('DELETE FROM t_a');
    expect((await other.query('SELECT id FROM t_a')).rows).toEqual([{ id: 7 }]);
  });

  test('upgrades once, and anew when a revision, the target or the seed is another', async () => {
    const revisions = folderWith(files());
    const ran = async (more: object = {}) =>
      (await (await make(revisions, more)).query('SELECT run FROM revgraph_ledger ORDER BY entry LIMIT 1'))
        .rows[0]?.run;
    const first = await ran();
    expect(await ran()).toBe(first);
    // What the key is made of is the same for both.
    for (const more of on === undefined ? [] : [{ target: 'a' }, { seed: 'SELECT 1' }])
      expect(await ran(more)).not.toBe(first);
    writeFileSync(join(revisions, 'a.sql'), files('CREATE TABLE t_more ();')['a.sql']);
    const edited = await make(revisions);
    expect(await tables(edited)).toEqual(['t_a', 't_b', 't_more']);
  });

  test('another process finds it again, and one that fails leaves none behind', async () => {
    const place = await throwAwaysOf(on);
    let filled = 0;
    const shared = async (name: string, fails = false) =>
      (
        await place.shared(`${key} ${name}`, async (database) => {
          filled++;
          await database.run('CREATE TABLE t_shared ()');
          if (fails) throw new Error('no');
        })
      ).copy();
    await expect(shared('bad', true)).rejects.toThrow('no');
    for (const name of ['bad', 'good', 'good', 'bad']) await (await shared(name)).drop();
    expect(filled).toBe(3);
    await place.close();
  });

  test('what a revision fails with is what it throws, and the next one tries again', async () => {
    const revisions = folderWith(files('SELECT 1 / 0;'));
    await expect(make(revisions)).rejects.toMatchObject({ code: 'step_failed' });
    writeFileSync(join(revisions, 'a.sql'), files()['a.sql']);
    expect(await tables(await make(revisions))).toEqual(['t_a', 't_b']);
  });
});

const throwAwaysOf = (on: string | undefined) => throwAwayDatabases(on === undefined ? {} : { on });

describe('expectUpDown', () => {
  const chain = (b: { upgrade: string; downgrade?: string; header?: string }) =>
    folderWith({
      'a.sql': sql('a', { upgrade: 'CREATE TABLE t (id int, n int);', downgrade: 'DROP TABLE t;' }),
      'b.sql': sql('b', { revises: 'a', ...b }),
    });

  test('takes each up, down and up again; what has no way down is named', async () => {
    const good = chain({ upgrade: 'ALTER TABLE t ADD m int;', downgrade: 'ALTER TABLE t DROP m;' });
    expect(await expectUpDown({ revisions: good })).toEqual({ revisions: ['a', 'b'], skipped: [] });
    const none = chain({ upgrade: 'ALTER TABLE t ADD m int;' });
    expect(await expectUpDown({ revisions: none, on: inject('serverUrl') })).toEqual({
      revisions: ['a'],
      skipped: ['b'],
    });
    expect(await expectUpDown({ revisions: good, only: ['b'] })).toMatchObject({ revisions: ['b'] });
  });

  test.each([
    [
      'a schema that is left',
      { upgrade: 'CREATE TABLE u (); CREATE INDEX ix ON t (n);', downgrade: 'DROP TABLE u;' },
      /^b: taken back, the database is not what it was before:\n {2}\+ index public\.ix: /,
    ],
    [
      'a schema that is lost',
      { upgrade: 'ALTER TABLE t ALTER n SET NOT NULL;', downgrade: 'ALTER TABLE t DROP n;' },
      /- column public\.t\.n: integer/,
    ],
    [
      'planted rows that are lost',
      { upgrade: 'CREATE TABLE u AS SELECT n FROM t;', downgrade: 'DELETE FROM t; DROP TABLE u;' },
      /~ rows of public\.t$/,
    ],
    [
      'another number of rows the second time',
      { upgrade: 'INSERT INTO t SELECT id, count(*) FROM t GROUP BY id;', downgrade: 'UPDATE t SET n = 1;' },
      /b: taken back|b: run a second time/,
    ],
  ])('tells of %s', async (_, b, message) => {
    const rows = { b: 'INSERT INTO t VALUES (1, 1), (2, 1)' };
    await expect(expectUpDown({ revisions: chain(b), rows })).rejects.toThrow(message);
  });

  test('rows that a revision says it loses may be lost', async () => {
    const loses = chain({
      header: '-- @loses the rows of t',
      upgrade: 'CREATE TABLE u ();',
      downgrade: 'DELETE FROM t; DROP TABLE u;',
    });
    const rows = { b: 'INSERT INTO t VALUES (1, 1)' };
    await expect(expectUpDown({ revisions: loses, rows })).rejects.toThrow(/run a second time/);
  });
});
