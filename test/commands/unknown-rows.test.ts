import { beforeEach, describe, expect, test } from 'vitest';
import { boot, defineRevision, type Event, readiness, stamp, status, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* Rows that no file has: where they come from is in the ledger. */

const { database, on, tables } = databasePerTest();

const old = [make('a'), make('b', ['a'])];
const newer = [...old, make('c', ['b']), make('d', ['c'])];

describe('a database that is strictly ahead', () => {
  beforeEach(() => upgrade({ ...on(newer), application: 'shop 2.0', actor: 'eve' }));
  const ahead = { revision: 'd', kind: 'ahead', on: ['b'], actor: 'eve', application: 'shop 2.0' };

  test('serves a service that starts on older code; nothing runs', async () => {
    for (const policy of ['migrate', 'wait', 'verify'] as const)
      expect(await boot({ ...on(old), policy })).toMatchObject({ state: 'ahead', steps: [], pending: [] });
    expect(await readiness(on(old)).check()).toMatchObject({ ready: true, state: 'ahead' });
    expect(await status(on(old))).toMatchObject({ state: 'ahead', unknown: [ahead], pending: [] });
    expect(await tables()).toEqual(['t_a', 't_b', 't_c', 't_d']);
  });

  test('is refused where the policy says so, and by upgrade', async () => {
    const refused = { code: 'unknown_row', exitValue: 4, details: { rows: ['d'], unknown: [ahead] } };
    await expect(boot({ ...on(old), unknownRows: 'refuse' })).rejects.toMatchObject(refused);
    expect(await readiness({ ...on(old), unknownRows: 'refuse' }).check()).toMatchObject({ ready: false });
    await expect(upgrade(on(old))).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(
        /d is ahead of this code: it stands on b \(ran .* by eve .* for shop 2.0\)/,
      ),
    });
  });
});

test.each([
  ['something of this code never ran', [...old, make('e', ['b'])], { kind: 'branch', on: ['b'] }],
  ['it stands on nothing of this code', [make('x')], { kind: 'foreign', on: [] }],
])('%s: refused', async (_, code, found) => {
  await upgrade(on(newer));
  await expect(boot(on(code))).rejects.toMatchObject({
    code: 'unknown_row',
    details: { unknown: [{ revision: 'd', ...found }] },
  });
  expect(await readiness(on(code)).check()).toMatchObject({ ready: false });
  expect(await status(on(code))).toMatchObject({ unknown: [{ revision: 'd', ...found }] });
});

test('a plugin that is gone is a line of its own', async () => {
  await upgrade({ ...on([...old, make('p')]), target: 'heads' });
  await expect(boot(on(old))).rejects.toMatchObject({
    code: 'unknown_row',
    message: expect.stringContaining('a plugin that is gone, or a retired line'),
    details: { unknown: [{ revision: 'p', kind: 'other', on: [] }] },
  });
});

test('a row that nobody recorded is never taken for one that is ahead', async () => {
  await upgrade(on(old));
  await database.query("UPDATE revgraph_version SET revision = 'z'");
  await expect(boot(on(old))).rejects.toMatchObject({ code: 'unknown_row' });
  expect(await readiness(on(old)).check()).toMatchObject({ ready: false });
  await stamp({
    ...on([...newer, make('z', ['d'])]),
    target: 'z',
    reason: 'by hand',
    confirmed: true,
  } as never);
  // Now newer code has said what it stands on, and that all of that counts.
  expect(await boot(on(old))).toMatchObject({ state: 'ahead' });
});

test('the command line refuses unless it was told otherwise, and says what it saw', async () => {
  const events: Event[] = [];
  await upgrade({ ...on(newer), onEvent: (event) => events.push(event) });
  const folder = folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE t_a (id int);' }),
    'b.sql': sql('b', { revises: 'a', upgrade: 'CREATE TABLE t_b (id int);' }),
  });
  const args = ['boot', '--revisions', folder, '--url', database.url];
  const refused = await run(folder, args);
  expect(refused.exitValue).toBe(4);
  expect(refused.stderr).toMatch(/d is ahead of this code: it stands on b/);
  expect(await run(folder, [...args, '--unknown-rows', 'allow'])).toMatchObject({ exitValue: 0 });
  const { stdout } = await run(folder, ['status', '--revisions', folder, '--url', database.url]);
  expect(stdout).toMatch(/^unknown {3}d is ahead of this code/m);
});

test('a stamp says nothing about a revision that its code lacks, and that ran below: it does not run again', async () => {
  const withFix = [make('a'), make('fix', ['a']), make('b', ['fix'])];
  const without = [make('a'), make('b', ['a'])];
  await upgrade(on(withFix));
  await database.query('DELETE FROM revgraph_version');
  await stamp({ ...on(without), target: 'b', reason: 'the rows were lost', confirmed: true });
  expect(await status(on(without))).toMatchObject({ state: 'current', missed: [], lost: [] });
  expect(await status(on(withFix))).toMatchObject({ state: 'current', missed: [] });
});

describe('a revision that older code does not run on', () => {
  const breaking = (breaksBefore: string) => [
    ...old,
    defineRevision({ revision: 'c', revises: 'b', breaksBefore, upgrade: 'ALTER TABLE t_a RENAME TO t_c' }),
  ];

  test.each([
    ['older', '2.4.0', { '2.3.0': 'b' }, { release: '2.3.0' }],
    ['of no known release', '2.4', undefined, { release: null }],
  ])('code that is %s is refused in one sentence', async (_, breaksBefore, releases, told) => {
    await upgrade(on(breaking(breaksBefore)));
    const options = { ...on(old), releases };
    await expect(boot(options)).rejects.toMatchObject({
      code: 'incompatible',
      exitValue: 4,
      details: { revision: 'c', breaksBefore, ...told },
      message: expect.stringMatching(
        /^The database has c, which code before 2\.4\S* does not run on; this code .*\.$/,
      ),
    });
    expect(await readiness(options).check()).toMatchObject({ ready: false, state: 'ahead' });
    expect(await boot({ ...options, unknownRows: 'allow' })).toMatchObject({ state: 'ahead' });
  });

  test('every command that names the row says so, also of one that stands on it', async () => {
    await upgrade(on([...breaking('2.4.0'), make('d', ['c'])]));
    expect(await status(on(old))).toMatchObject({ unknown: [{ revision: 'd', breaksBefore: '2.4.0' }] });
    await expect(upgrade(on(old))).rejects.toMatchObject({
      code: 'unknown_row',
      message: expect.stringMatching(
        /d is ahead of this code: it stands on b \(ran .*\); code before 2\.4\.0 does not run on it\.$/,
      ),
    });
  });

  test('code that is new enough is served; so is every one once it was taken back', async () => {
    await upgrade(on(breaking('2.4.0')));
    const options = { ...on(old), releases: { '2.4.1': 'b' } };
    expect(await boot(options)).toMatchObject({ state: 'ahead' });
    expect(await readiness(options).check()).toMatchObject({ ready: true });
  });

  test('one below a row that older code has is heard as well', async () => {
    const newer = [make('a', []), make('n', ['a'], { breaksBefore: '2.0.0' }), make('z', ['n'])];
    await upgrade(on(newer));
    const options = { ...on([make('a', []), make('z', ['a'])]), releases: { '1.0.0': 'z' } };
    await expect(boot(options)).rejects.toMatchObject({ code: 'incompatible', details: { revision: 'n' } });
    expect(await readiness(options).check()).toMatchObject({ ready: false });
    expect(await readiness({ ...options, releases: { '2.0.0': 'z' } }).check()).toMatchObject({
      ready: true,
    });
  });

  test('the configuration says it for every revision without the tag', async () => {
    const newer = [
      ...old,
      defineRevision({ revision: 'c', revises: 'b', upgrade: 'ALTER TABLE t_a RENAME TO t_c' }),
    ];
    await upgrade({ ...on(newer), compatible: '2.4.0' });
    await expect(boot({ ...on(old), releases: { '2.3.0': 'b' } })).rejects.toMatchObject({
      code: 'incompatible',
      details: { revision: 'c', breaksBefore: '2.4.0' },
    });
    await expect(upgrade({ ...on(newer), compatible: 'soon' })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('must be a version such as 2.4.0'),
    });
  });

  test('the tag takes a version and nothing else', () => {
    expect(() => breaking('soon')).toThrow(/@breaks-before does not accept "soon"/);
  });
});

test('a plugin that is gone: what is here ran, and the texts say so of these files alone', async () => {
  const core = { 'm1.sql': sql('m1', { upgrade: 'CREATE TABLE t_m1 (id int);' }) };
  const plugin = { 'c1.sql': sql('c1', { upgrade: 'CREATE TABLE t_c1 (id int);' }) };
  const at = (files: Record<string, string>, ...args: string[]) =>
    run(folderWith(files), [...args, '--revisions', '.', '--url', database.url]);
  await at({ ...core, ...plugin }, 'upgrade', 'heads');
  const said = 'The database is at m1 (head); c1, which no file has, is left alone';
  for (const dry of [[], ['--dry-run']])
    expect((await at(core, 'upgrade', '--unknown-rows', 'allow', ...dry)).stdout).toContain(said);
  expect((await at(core, 'status')).stdout).toMatch(/pending {3}none of these files: m1 ran/);
  expect((await at({ ...core, ...plugin }, 'upgrade', 'heads')).stdout).toContain(
    'Nothing to do: the database is at',
  );
});
