import { describe, expect, test } from 'vitest';
import { type HookContext, type RunHooks, status, undo, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* Functions around a run: when they are called, what they may do, and what their failure means. */

const { database, on, tables } = databasePerTest();
const chain = [make('a'), make('b', ['a']), make('c', ['b'])];

test('are called in their places, with the run, and not by a dry run', async () => {
  const called: unknown[] = [];
  const note =
    (name: string) =>
    async ({ direction, from, to, revisions, db }: HookContext, revision?: string) => {
      const { rows } = await db.query(
        "SELECT count(*)::int AS n FROM pg_tables WHERE tablename LIKE 't\\_%'",
      );
      called.push([name, direction, from.join(), to.join(), revisions.join(), revision ?? null, rows[0]?.n]);
    };
  const hooks: RunHooks = {
    beforeRun: note('before'),
    afterStep: note('step'),
    afterRun: note('after'),
  };
  await upgrade({ ...on(chain), target: 'b', hooks, dryRun: true });
  expect(called).toEqual([]);
  await upgrade({ ...on(chain), target: 'b', hooks });
  expect(called).toEqual([
    ['before', 'upgrade', '', 'b', 'a,b', null, 0],
    ['step', 'upgrade', '', 'b', 'a,b', 'a', 1],
    ['step', 'upgrade', '', 'b', 'a,b', 'b', 2],
    ['after', 'upgrade', '', 'b', 'a,b', null, 2],
  ]);
  called.length = 0;
  await upgrade({ ...on(chain), target: 'b', hooks });
  expect(called).toEqual([]);
  await undo({ ...on(chain), target: 'b', hooks, confirmed: true });
  expect(called.map((one) => (one as unknown[]).slice(0, 4))).toEqual([
    ['before', 'downgrade', 'b', 'a'],
    ['step', 'downgrade', 'b', 'a'],
    ['after', 'downgrade', 'b', 'a'],
  ]);
});

describe('one that throws', () => {
  const thrown = () => {
    throw new Error('no.');
  };
  test.each<[keyof RunHooks, object, string[], RegExp]>([
    ['beforeRun', { revision: null, applied: [] }, [], /^The hook beforeRun failed: no\. Nothing was run\.$/],
    [
      'afterStep',
      { revision: 'a', applied: ['a'] },
      ['t_a'],
      /behind a, failed: no\. Steps done, which stand: a\.$/,
    ],
    ['afterRun', { revision: null, applied: ['a', 'b', 'c'] }, ['t_a', 't_b', 't_c'], /stand: a, b, c\.$/],
  ])('%s', async (name, details, there, message) => {
    await expect(upgrade({ ...on(chain), hooks: { [name]: thrown } })).rejects.toMatchObject({
      code: 'hook_failed',
      exitValue: 1,
      details: { hook: name, ...details, next: 'revgraph upgrade head' },
      message: expect.stringMatching(message),
    });
    expect(await tables()).toEqual(there);
    // The rest runs without it.
    await upgrade(on(chain));
    expect(await status(on(chain))).toMatchObject({ state: 'current' });
  });
});

test('what one leaves in the session ends with it: settings, temporary tables, an open transaction', async () => {
  const leaves = (text: string): RunHooks => ({ beforeRun: ({ db }) => db.query(text) });
  await upgrade({
    ...on(chain),
    target: 'a',
    hooks: leaves("SET search_path TO pg_catalog; SET lock_timeout TO '1ms'"),
  });
  await upgrade({ ...on(chain), target: 'b', hooks: leaves('CREATE TEMP TABLE t_b (other int)') });
  expect(await tables()).toEqual(['t_a', 't_b']);
  await expect(
    upgrade({ ...on(chain), hooks: leaves('BEGIN; CREATE TABLE t_open ()') }),
  ).rejects.toMatchObject({ code: 'hook_failed', message: expect.stringContaining('COMMIT is missing') });
  expect(await tables()).toEqual(['t_a', 't_b']);
  await upgrade({ ...on(chain), hooks: leaves('BEGIN; CREATE TABLE t_more (); COMMIT') });
  expect(await tables()).toEqual(['t_a', 't_b', 't_c', 't_more']);
});

test('db is closed behind a hook', async () => {
  let kept: HookContext['db'] | null = null;
  const hooks: RunHooks = {
    beforeRun: ({ db }) => {
      kept = db;
    },
  };
  await upgrade({ ...on(chain), hooks });
  await expect((kept as unknown as HookContext['db']).query('SELECT 1')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('beforeRun used db after'),
  });
});

test('a configuration that is code has them; others are refused', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE t_a ();' }),
    'revgraph.config.mjs':
      "export default { hooks: { afterRun: ({ db }) => db.query('CREATE TABLE t_hook ()') } };",
    'wrong.json': '{ "hooks": { "afterRun": "notify" } }',
    'other.mjs': 'export default { hooks: { onError() {} } };',
  });
  const at = (...args: string[]) => run(folder, ['upgrade', ...args, '--url', database.url]);
  for (const file of ['wrong.json', 'other.mjs'])
    expect((await at('--config', file)).stderr).toMatch(
      /hooks: must be an object with functions beforeRun, afterStep, afterRun/,
    );
  expect(await at()).toMatchObject({ exitValue: 0 });
  expect(await tables()).toEqual(['t_a', 't_hook']);
});
