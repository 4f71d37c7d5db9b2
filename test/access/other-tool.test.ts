import { describe, expect, test } from 'vitest';
import { accept, boot, type Revision, script, status, upgrade } from '../../lib/index.js';
import { databasePerTest, ran, tableRevision } from '../support/history.js';

/* A version table that Alembic moves as well, before and between runs of ours: what it ran is never run again. */

const { database, on } = databasePerTest();
const make = (revision: string, revises: readonly string[] = []) =>
  tableRevision(revision, revises, { upgrade: `INSERT INTO done VALUES ('${revision}')` });
const chain = [make('r1'), make('r2', ['r1']), make('r3', ['r2']), make('r4', ['r3'])];

async function begin(row: string): Promise<void> {
  await database.query('CREATE TABLE done (revision text PRIMARY KEY)');
  await database.query('CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)');
  await database.query('INSERT INTO alembic_version VALUES ($1)', [row]);
}
const alembic = (row: string) => database.query('UPDATE alembic_version SET version_num = $1', [row]);
const done = async () =>
  (await database.query('SELECT revision FROM done ORDER BY 1')).map((row) => row.revision);

describe.each([
  ['another upgrade', async () => {}],
  [
    'a decision about another revision',
    async () => {
      const edited = [
        ...chain.slice(0, 1),
        tableRevision('r2', ['r1'], { upgrade: 'SELECT 2' }),
        ...chain.slice(2),
      ];
      await accept({ ...on(edited), revision: 'r2', reason: 'meant' });
    },
  ],
])('what it ran stays believed behind %s', (_, between) => {
  test('up', async () => {
    await begin('r1');
    await upgrade({ ...on(chain), target: 'r2' });
    await database.query("INSERT INTO done VALUES ('r3')");
    await alembic('r3');
    await between();
    expect(ran(await upgrade(on(chain)))).toEqual(['r4']);
    expect(await status(on(chain))).toMatchObject({ state: 'current', missed: [], lost: [] });
    expect(await boot(on(chain))).toMatchObject({ state: 'current' });
    expect(await done()).toEqual(['r2', 'r3', 'r4']);
  });
});

test('down, and up again by us', async () => {
  await begin('r1');
  await upgrade(on(chain));
  await database.query("DELETE FROM done WHERE revision > 'r1'");
  await alembic('r1');
  expect(ran(await upgrade({ ...on(chain), target: 'r2' }))).toEqual(['r2']);
  expect(await status(on(chain))).toMatchObject({ state: 'behind', pending: ['r3', 'r4'], lost: [] });
  expect(ran(await upgrade(on(chain)))).toEqual(['r3', 'r4']);
  expect(await done()).toEqual(['r2', 'r3', 'r4']);
});

test('down, and up again by a script, which stops where it ran since', async () => {
  await begin('r1');
  await upgrade(on(chain));
  await database.query("DELETE FROM done WHERE revision > 'r1'");
  await alembic('r1');
  const { text } = await script({ ...on(chain), direction: 'upgrade' });
  await upgrade({ ...on(chain), target: 'r2' });
  await alembic('r1');
  await expect(database.query(text)).rejects.toThrow(/r2 has run, or was accepted, since this script/);
  await alembic('r2');
  await database.query((await script({ ...on(chain), direction: 'upgrade' })).text);
  expect(await done()).toEqual(['r2', 'r3', 'r4']);
});

test('to a revision that this code lacks: what ran here is not forgotten', async () => {
  await begin('r1');
  await upgrade({ ...on(chain), target: 'r2' });
  await alembic('newer');
  const code = chain.slice(0, 2);
  expect(await status(on(code))).toMatchObject({ pending: [], applied: ['r1', 'r2'] });
  expect(ran(await upgrade({ ...on(code), unknownRows: 'allow' }))).toEqual([]);
  expect(await done()).toEqual(['r2']);
});

test('the parts of a squash, which ran with it, are no move', async () => {
  await begin('r1');
  await upgrade({ ...on(chain.slice(0, 1)) });
  const squash = tableRevision('sq', ['r1'], {
    replaces: ['r2', 'r3'],
    upgrade: "INSERT INTO done VALUES ('r2'), ('r3')",
  });
  const code = [chain[0] as Revision, squash, make('r4', ['sq'])];
  expect(ran(await upgrade(on(code)))).toEqual(['sq', 'r4']);
  expect(await status(on(code))).toMatchObject({ state: 'current', missed: [], applied: ['r1', 'sq', 'r4'] });
  expect(ran(await upgrade(on(code)))).toEqual([]);
});
