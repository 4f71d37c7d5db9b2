import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accept, boot, type Event, explain, forget, status, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { databasePerTest, ran, tableRevision } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* Decisions about history: an edited revision, a missed one, a row that no file has. */

const { database, on, rows, tables } = databasePerTest();
const make = (revision: string, revises: readonly string[] = [], upgrades?: string) =>
  tableRevision(revision, revises, upgrades === undefined ? {} : { upgrade: upgrades });

describe('a revision that was edited after it ran', () => {
  const text = (upgrade: string, more = '') => sql('a', { upgrade, downgrade: 'DROP TABLE t_a;', more });
  const folder = () => folderWith({ 'a.sql': text('CREATE TABLE t_a (id int);') });
  const add = (to: string) =>
    writeFileSync(join(to, 'b.sql'), sql('b', { revises: 'a', upgrade: 'CREATE TABLE t_b (id int);' }));
  const edit = (to: string, upgrade: string, more = '') =>
    writeFileSync(join(to, 'a.sql'), text(upgrade, more));

  test('is told of by status, and warned of before others run upon it', async () => {
    const revisions = folder();
    await upgrade(on(revisions));
    expect(await status(on(revisions))).toMatchObject({ edited: [] });
    edit(revisions, 'CREATE TABLE t_a (id bigint);');
    expect(await status(on(revisions))).toMatchObject({ state: 'current', edited: ['a'] });
    add(revisions);
    await expect(upgrade({ ...on(revisions), edited: 'refuse' })).rejects.toMatchObject({
      code: 'edited_revisions',
      exitValue: 4,
      details: { edited: ['a'] },
    });
    await expect(upgrade({ ...on(revisions), edited: 'refuse', dryRun: true })).rejects.toThrow(/edited/);
    await expect(boot({ ...on(revisions), edited: 'refuse' })).rejects.toThrow(/edited/);
    expect(await tables()).toEqual(['t_a']);
    const events: Event[] = [];
    await boot({ ...on(revisions), onEvent: (event) => events.push(event) });
    expect(events).toContainEqual({
      type: 'warning',
      level: 'warn',
      message: expect.stringContaining('edited after it ran'),
    });
    expect(await tables()).toEqual(['t_a', 't_b']);
  });

  test.each([
    ['a comment and blanks', (to: string) => edit(to, 'CREATE  TABLE t_a /* of a */ (id int);')],
    ['a check', (to: string) => edit(to, 'CREATE TABLE t_a (id int);', '-- @verify "t"\nSELECT true;\n')],
  ])('%s is no edit', async (_, change) => {
    const revisions = folder();
    await upgrade(on(revisions));
    change(revisions);
    expect(await status(on(revisions))).toMatchObject({ edited: [] });
  });

  test('and is meant, is accepted with a reason; the next edit is told of again', async () => {
    const revisions = folder();
    await upgrade(on(revisions));
    edit(revisions, 'CREATE TABLE t_a (id bigint);');
    const options = { ...on(revisions), revision: 'a', reason: 'changed by hand everywhere' };
    expect(await accept({ ...options, dryRun: true })).toMatchObject({ was: 'edited', dryRun: true });
    expect(await status(on(revisions))).toMatchObject({ edited: ['a'] });
    expect(await accept(options)).toMatchObject({ revision: 'a', was: 'edited', from: ['a'], to: ['a'] });
    expect(await status(on(revisions))).toMatchObject({ state: 'current', edited: [], missed: [], lost: [] });
    await expect(accept(options)).rejects.toMatchObject({ code: 'nothing_to_accept' });
    edit(revisions, 'CREATE TABLE t_a (id smallint);');
    expect(await status(on(revisions))).toMatchObject({ edited: ['a'] });
    expect(await database.query("SELECT message FROM revgraph_ledger WHERE direction = 'stamp'")).toEqual([
      { message: 'changed by hand everywhere' },
    ]);
  });

  test('is found although a stamp was written since, and in the ledger of an earlier version', async () => {
    const revisions = folder();
    await upgrade(on(revisions));
    add(revisions);
    await upgrade(on(revisions));
    await database.query(
      "UPDATE revgraph_ledger SET checksum = split_part(checksum, ' ', 1) WHERE revision = 'b'",
    );
    expect(await status(on(revisions))).toMatchObject({ edited: [] });
    edit(revisions, 'CREATE TABLE t_a (id bigint);');
    await accept({ ...on(revisions), revision: 'a', reason: 'meant' });
    writeFileSync(
      join(revisions, 'b.sql'),
      sql('b', { revises: 'a', upgrade: 'CREATE TABLE t_b (id text);' }),
    );
    expect(await status(on(revisions))).toMatchObject({ edited: ['b'] });
  });

  test('a code revision is judged without running it', async () => {
    const code = (what: string) =>
      `// @revision c\nglobalThis.ran = true;\nexport async function upgrade({ db }) { await db.query('${what}'); }\n`;
    const revisions = folderWith({ 'c.mjs': code('SELECT 1') });
    await upgrade(on(revisions));
    writeFileSync(join(revisions, 'c.mjs'), code('SELECT 2'));
    delete (globalThis as { ran?: boolean }).ran;
    expect(await status(on(revisions))).toMatchObject({ edited: ['c'] });
    expect((globalThis as { ran?: boolean }).ran).toBeUndefined();
  });
});

describe('a missed revision', () => {
  const before = [make('r0'), make('dev', ['r0'])];
  const after = [make('r0'), make('release', ['r0']), make('dev', ['release']), make('next', ['dev'])];

  test('is accepted as not needed', async () => {
    await upgrade(on(before));
    // By a prefix, as everywhere.
    await accept({ ...on(after), revision: 'relea', reason: 'the hotfix is in dev' });
    expect(await status(on(after))).toMatchObject({ state: 'behind', missed: [], pending: ['next'] });
    expect((await upgrade(on(after))).steps).toMatchObject([{ revision: 'next' }]);
    expect(await tables()).toEqual(['t_dev', 't_next', 't_r0']);
  });

  test.each(['upgrade', 'boot'] as const)('is run first by %s where the policy says so', async (verb) => {
    await upgrade(on(before));
    const options = { ...on(after), missed: 'run' as const };
    const act = verb === 'upgrade' ? upgrade : boot;
    const dry = await act({ ...options, dryRun: true });
    const done = await act(options);
    const ids = ({ steps }: { steps: readonly { revision: string }[] }) =>
      steps.map(({ revision }) => revision);
    expect([ids(dry), ids(done)]).toEqual([
      ['release', 'next'],
      ['release', 'next'],
    ]);
    expect(await rows()).toEqual(['next']);
    expect(await tables()).toEqual(['t_dev', 't_next', 't_r0', 't_release']);
    expect(await status(on(after))).toMatchObject({ state: 'current', missed: [] });
    expect((await upgrade(options)).steps).toEqual([]);
  });

  test('alone: nothing else is pending', async () => {
    await upgrade(on(before));
    const revisions = after.slice(0, 3);
    expect((await upgrade({ ...on(revisions), missed: 'run' })).steps).toMatchObject([
      { revision: 'release' },
    ]);
    expect([await rows(), await status(on(revisions))]).toMatchObject([['dev'], { state: 'current' }]);
  });
});

describe('a row that no file has', () => {
  const core = [make('a')];
  const plugin = [make('p')];

  test('is forgotten once that is confirmed; the rest is as it was', async () => {
    await upgrade({ ...on([...core, ...plugin]), target: 'heads' });
    const options = { ...on(core), revision: 'p', reason: 'the plugin is gone' };
    await expect(forget(options)).rejects.toMatchObject({ code: 'confirmation_needed', exitValue: 4 });
    expect(await forget({ ...options, dryRun: true })).toMatchObject({ was: 'unknown', to: ['a'] });
    expect(await rows()).toEqual(['a', 'p']);
    expect(await forget({ ...options, confirmed: true })).toMatchObject({ from: ['a', 'p'], to: ['a'] });
    expect(await rows()).toEqual(['a']);
    expect(await status(on(core))).toMatchObject({ state: 'current', lost: [], missed: [], unknown: [] });
    await expect(forget({ ...options, confirmed: true })).rejects.toMatchObject({ code: 'not_unknown' });
    await expect(forget({ ...options, revision: 'a' })).rejects.toMatchObject({
      code: 'not_unknown',
      message: 'a is not a row that these files lack. The version table has no row that they lack.',
    });
  });

  test('on the command line', async () => {
    const a = make('a', [], 'CREATE TABLE t_a (id int);');
    await upgrade({ ...on([a, ...plugin]), target: 'heads' });
    const folder = folderWith({ 'a.sql': sql('a', { upgrade: 'CREATE TABLE t_a (id int);' }) });
    const args = ['--revisions', folder, '--url', database.url];
    const refused = await run(folder, ['forget', 'p', '--reason', 'gone', ...args]);
    expect([refused.exitValue, refused.stderr]).toEqual([4, expect.stringContaining('drops a row')]);
    expect((await run(folder, ['forget', 'p', ...args, '--yes'])).exitValue).toBe(2);
    const done = await run(folder, ['forget', 'p', '--reason', 'gone', '--yes', '--json', ...args]);
    expect(JSON.parse(done.stdout)).toMatchObject({ revision: 'p', was: 'unknown', to: ['a'], why: 'gone' });
    const nothing = await run(folder, ['accept', 'a', '--reason', 'x', ...args]);
    expect([nothing.exitValue, nothing.stderr]).toEqual([
      2,
      expect.stringContaining('neither edited nor missed'),
    ]);
  });
});

test('forgetting a retired line lets all of it go; it runs again where it comes back', async () => {
  const line = [make('p1'), make('p2', ['p1'])];
  const own = [make('r1')];
  await upgrade({ ...on([...own, ...line]), target: 'heads' });
  await forget({ ...on(own), revision: 'p2', reason: 'retired', confirmed: true });
  await database.query('DROP TABLE t_p1, t_p2');
  expect(await status(on(own))).toMatchObject({ state: 'current', removed: [] });
  expect((await explain({ ...on(own), revision: 'p2' })).why.join(' ')).toContain(
    'with the reason: retired: it counts as',
  );
  expect(ran(await upgrade({ ...on([...own, ...line]), target: 'heads' }))).toEqual(['p1', 'p2']);
});

test('a row below a squash is no retired line', async () => {
  await upgrade(on([make('r1'), make('r2', ['r1'])]));
  const squash = [tableRevision('sq', [], { replaces: ['r1', 'r2', 'r3'] })];
  const forgotten = forget({ ...on(squash), revision: 'r2', reason: 'x', confirmed: true });
  await expect(forgotten).rejects.toMatchObject({ code: 'below_squash' });
});

test('on the command line: a dry run of forget says what the run asks, and beside a row of other code nobody is at base', async () => {
  const revisions = folderWith({ 'a.sql': sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }) });
  await upgrade({ ...on(revisions) });
  await database.query("UPDATE revgraph_version SET revision = 'other'");
  const said = async (...args: string[]) =>
    (await run(revisions, [...args, '--revisions', '.', '--url', database.url])).stdout;
  expect(await said('forget', 'other', '--reason', 'gone', '--dry-run')).toContain(
    'Code that has it will run it again.',
  );
  expect(await said('downgrade', 'base', '--unknown-rows', 'allow')).toBe(
    'Nothing was run; other, which no file has, is left alone\n',
  );
});
