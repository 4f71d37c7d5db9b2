import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  boot,
  defineRevision,
  downgrade,
  explain,
  forget,
  type Revision,
  readiness,
  script,
  stamp,
  status,
  undo,
  upgrade,
} from '../../lib/index.js';
import { freshPGlite } from '../support/databases.js';

let database: PGlite;
beforeAll(async () => {
  database = await freshPGlite();
});
afterAll(() => database.close());
beforeEach(() => database.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));

const chain = (last: string): Revision[] => [
  defineRevision({ revision: 'a', upgrade: 'CREATE TABLE t_a (x int)', downgrade: 'DROP TABLE t_a' }),
  defineRevision({
    revision: 'b',
    revises: ['a'],
    transaction: 'none',
    upgrade: 'CREATE TABLE t_b (x int);\nCREATE TABLE t_c (x int)',
    downgrade: `DROP TABLE t_c;\n${last}`,
  }),
];
const broken = { revisions: chain('DROP TABLE t_x') };
const mended = { revisions: chain('DROP TABLE t_b') };

describe('a downgrade outside a transaction that stopped halfway', () => {
  beforeEach(async () => {
    await upgrade({ ...broken, database });
    await expect(downgrade({ ...broken, database, target: 'a' })).rejects.toMatchObject({
      code: 'step_failed',
    });
  });

  test('is no database at head: status, readiness, upgrade and boot say so', async () => {
    const refused = { code: 'half_downgraded', exitValue: 4, details: { revision: 'b', finished: 1 } };
    expect(await status({ ...mended, database })).toMatchObject({
      state: 'halfway',
      applied: ['a', 'b'],
      halfDone: [{ revision: 'b', direction: 'downgrade', finished: 1, inDoubt: false }],
    });
    expect(await readiness({ ...mended, database }).check()).toMatchObject({
      ready: false,
      state: 'halfway',
    });
    for (const dryRun of [true, false]) {
      await expect(upgrade({ ...mended, database, dryRun })).rejects.toMatchObject(refused);
      await expect(boot({ ...mended, database, dryRun })).rejects.toMatchObject(refused);
    }
    expect(await explain({ ...mended, database, revision: 'a' })).toMatchObject({ state: 'applied' });
    expect(await explain({ ...mended, database, revision: 'b' })).toMatchObject({ next: 'revgraph undo b' });
  });

  test('goes on', async () => {
    expect(await undo({ ...mended, database, target: 'b', confirmed: true })).toMatchObject({ to: ['a'] });
    expect(await status({ ...mended, database })).toMatchObject({ state: 'behind', halfDone: [] });
    await upgrade({ ...mended, database });
    expect(await status({ ...mended, database })).toMatchObject({ state: 'current', halfDone: [] });
  });

  test('is over with a stamp', async () => {
    await database.exec('CREATE TABLE t_c (x int)');
    await stamp({ ...mended, database, target: 'b', reason: 'made again by hand', confirmed: true });
    expect(await status({ ...mended, database })).toMatchObject({ state: 'current', halfDone: [] });
  });
});

test('an upgrade that stopped halfway is told, and goes on', async () => {
  const code = (last: string) => ({
    database,
    revisions: [
      defineRevision({
        revision: 'a',
        transaction: 'none',
        upgrade: `CREATE TABLE t_a (x int);\n${last}`,
        downgrade: 'DROP TABLE t_a',
      }),
    ],
  });
  await expect(upgrade(code('CREATE TABLE t_a (x int)'))).rejects.toMatchObject({ code: 'step_failed' });
  expect(await status(code('SELECT 1'))).toMatchObject({
    pending: ['a'],
    applied: [],
    halfDone: [{ revision: 'a', direction: 'upgrade', finished: 1, inDoubt: false }],
  });
  await upgrade(code('SELECT 1'));
  expect(await status(code('SELECT 1'))).toMatchObject({ state: 'current', applied: ['a'], halfDone: [] });
});

test('what stands elsewhere now, and what is gone, is told and not refused', async () => {
  const make = (revision: string, revises: string[]) =>
    defineRevision({ revision, revises, upgrade: 'SELECT 1', downgrade: 'SELECT 1' });
  await upgrade({ database, revisions: [make('a', []), make('fix', ['a']), make('b', ['fix'])] });
  const after = { database, revisions: [make('a', []), make('b', ['a'])] };
  expect(await status(after)).toMatchObject({
    state: 'current',
    reparented: [{ revision: 'b', from: ['fix'], to: ['a'] }],
    removed: ['fix'],
  });
  expect(await upgrade(after)).toMatchObject({ steps: [] });
  // Not where something is hidden by it.
  const over = { database, revisions: [make('a', []), make('new', ['a']), make('b', ['new'])] };
  expect(await status(over)).toMatchObject({ state: 'missed', reparented: [] });
});

test('code without the file of one that stopped halfway is not served, and a stamp asks', async () => {
  await upgrade({ ...broken, database });
  await expect(downgrade({ ...broken, database, target: 'a' })).rejects.toMatchObject({
    code: 'step_failed',
  });
  const older = { database, revisions: [chain('')[0] as Revision] };
  expect(await readiness(older).check()).toMatchObject({ ready: false });
  await expect(boot(older)).rejects.toMatchObject({ exitValue: 4 });
  await expect(boot({ ...older, unknownRows: 'warn' })).rejects.toMatchObject({ code: 'half_downgraded' });
  await expect(upgrade({ ...older, unknownRows: 'allow' })).rejects.toMatchObject({
    code: 'half_downgraded',
  });
  await expect(forget({ ...older, revision: 'b', reason: 'gone', confirmed: true })).rejects.toMatchObject({
    code: 'half_downgraded',
  });
  await expect(stamp({ ...mended, database, target: 'b', reason: 'whole' })).rejects.toMatchObject({
    code: 'confirmation_needed',
    message: expect.stringContaining('b did not come to its end'),
  });
  expect(await stamp({ ...mended, database, target: 'b', dryRun: true })).toMatchObject({ halfDone: ['b'] });
});

test('a script that was made before does not go on above a downgrade that stopped halfway', async () => {
  const make = ({ revisions }: { revisions: Revision[] }) => ({
    database,
    revisions: [
      ...revisions,
      defineRevision({ revision: 'c', revises: 'b', upgrade: 'CREATE TABLE t_d (x int)' }),
    ],
  });
  await upgrade({ ...broken, database });
  const { text } = await script({ ...make(broken), direction: 'upgrade' });
  await expect(downgrade({ ...broken, database, target: 'a' })).rejects.toMatchObject({
    code: 'step_failed',
  });
  await expect(database.exec(text)).rejects.toThrow(
    /a downgrade outside a transaction did not come to its end/,
  );
  await database.exec('ROLLBACK');
  await downgrade({ ...mended, database, target: 'a' });
  await upgrade({ ...mended, database });
  const later = await script({ ...make(mended), direction: 'upgrade' });
  await database.exec(later.text);
  expect(await status(make(mended))).toMatchObject({ state: 'current', current: ['c'] });
});
