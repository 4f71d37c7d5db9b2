import { describe, expect, test } from 'vitest';
import {
  accept,
  boot,
  doctor,
  explain,
  readiness,
  repair,
  stamp,
  status,
  upgrade,
  workBackfills,
} from '../../lib/index.js';
import { advised, type } from '../support/advice.js';
import { catalogueOf } from '../support/catalogue.js';
import { run } from '../support/command-line.js';
import { databasePerTest, tableRevision as make, ran, refusedAs } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* What never ran, and can't just be run: every refusal leads on, and none of the commands says otherwise. */

const { byScript, database, on, tables } = databasePerTest();
const chain = [make('r1'), make('r2', ['r1'])];
const inserted = [make('r1'), make('r15', ['r1']), make('r2', ['r15'])];

describe('beside a row that no file has', () => {
  const quiet = { evidence: 'off' } as const;

  test('what is missed is refused by all, or run by all', async () => {
    await upgrade(on([...chain, make('r3', ['r2'])]));
    const allowed = { ...on(inserted), unknownRows: 'allow' } as const;
    await expect(boot({ ...allowed, ...quiet })).rejects.toEqual(refusedAs('missed_revisions'));
    expect(await readiness(allowed).check()).toMatchObject({ ready: false, pending: ['r15'] });
    const running = { ...allowed, missed: 'run' } as const;
    expect(await readiness(running).check()).toMatchObject({ ready: false });
    await expect(boot({ ...running, ...quiet, policy: 'verify' })).rejects.toEqual(refusedAs('not_current'));
    const booted = await boot({ ...running, ...quiet });
    expect([ran(booted), booted.state, booted.pending]).toEqual([['r15'], 'ahead', []]);
    expect(await readiness(allowed).check()).toMatchObject({ ready: true, state: 'ahead' });
  });

  test('what is pending is run by boot as by upgrade, and the row stays', async () => {
    await upgrade(on([...chain, make('r3', ['r2'])]));
    const side = { ...on([...chain, make('s3', ['r2'])]), unknownRows: 'allow', ...quiet } as const;
    expect(ran(await boot({ ...side, dryRun: true }))).toEqual(['s3']);
    expect(await boot(side)).toMatchObject({ state: 'ahead', pending: [], current: ['r3', 's3'] });
    expect(ran(await boot(side))).toEqual([]);
  });
});

test('beside a row that no file has, what waits for a backfill is held, and runs when that is finished', async () => {
  const core = {
    'r1.sql': sql('r1', {
      upgrade:
        'CREATE TABLE p (id int PRIMARY KEY, n text, m text); INSERT INTO p SELECT generate_series(1, 5);',
    }),
  };
  const plugin = sql('x2', { revises: 'r1', upgrade: 'SELECT 2;' });
  const fill = `-- fills
--
-- @revision r2
-- @revises r1
-- @background
-- @batch "fill" table p key id fills n mark m
UPDATE p SET n = 'x', m = 'r2' FROM batch WHERE p.id = batch.id;
`;
  const then = sql('r3', { revises: 'r2', header: '-- @requires backfill r2', upgrade: 'SELECT 3;' });
  await upgrade({ revisions: folderWith({ ...core, 'x2.sql': plugin }), database: database.url });
  const at = {
    revisions: folderWith({ ...core, 'r2.sql': fill, 'r3.sql': then }),
    database: database.url,
    unknownRows: 'allow',
    evidence: 'off',
  } as const;
  const booted = await boot(at);
  expect([ran(booted), booted.pending, booted.held]).toEqual([['r2'], ['r3'], ['r3']]);
  const { evidence: _, ...looking } = at;
  expect(await readiness(looking).check()).toMatchObject({ ready: true, held: ['r3'] });
  await workBackfills(looking);
  expect(ran(await boot(at))).toEqual(['r3']);
  expect(ran(await upgrade(looking))).toEqual([]);
});

describe('a missed backfill, and a missed revision that waits for it', () => {
  const files = (more: Record<string, string>) =>
    folderWith({
      'r1.sql': sql('r1', {
        upgrade:
          'CREATE TABLE p (id int PRIMARY KEY, n text, m text); INSERT INTO p SELECT generate_series(1, 5);',
      }),
      ...more,
    });
  const linear = () => files({ 'r2.sql': sql('r2', { revises: 'r1', upgrade: 'SELECT 2;' }) });
  const widened = () =>
    files({
      'fill.sql': `-- fills
--
-- @revision fill
-- @revises r1
-- @background
-- @batch "fill" table p key id fills n mark m
UPDATE p SET n = 'x', m = 'fill' FROM batch WHERE p.id = batch.id;
`,
      'then.sql': sql('then', {
        revises: 'fill',
        header: '-- @requires backfill fill',
        upgrade: 'SELECT 3;',
      }),
      'r2.sql': sql('r2', { revises: 'then', upgrade: 'SELECT 2;' }),
    });

  test('the advice of a repair, typed, leads to the end', async () => {
    await upgrade({ revisions: linear(), database: database.url });
    const folder = widened();
    const env = { DATABASE_URL: database.url };
    const refused = await run(folder, ['repair', '--revisions', folder, '--url', database.url]);
    expect(refused).toMatchObject({
      exitValue: 4,
      stderr: expect.stringContaining('upgrade fill --missed run'),
    });
    for (const line of advised(refused.stderr))
      expect([line, await type(folder, line, env)]).toMatchObject([line, { exitValue: 0 }]);
    expect(await run(folder, ['repair', '--revisions', folder, '--url', database.url])).toMatchObject({
      exitValue: 0,
    });
    expect(await status({ revisions: folder, database: database.url })).toMatchObject({ state: 'current' });
  });

  test('boot runs what is free, and says what waits', async () => {
    await upgrade({ revisions: linear(), database: database.url });
    const at = { revisions: widened(), database: database.url, missed: 'run', evidence: 'off' } as const;
    const booted = await boot(at);
    expect([ran(booted), booted.state, booted.held]).toEqual([['fill'], 'missed', ['then']]);
    await workBackfills(at);
    expect(ran(await boot(at))).toEqual(['then']);
    expect(await status(at)).toMatchObject({ state: 'current' });
  });

  test('a target runs what is missed below it, and no more', async () => {
    const two = [make('r1'), make('r15', ['r1']), make('r16', ['r15']), make('r2', ['r16'])];
    await upgrade(on(chain));
    expect(ran(await upgrade({ ...on(two), missed: 'run', target: 'r15' }))).toEqual(['r15']);
    expect(ran(await upgrade({ ...on(two), missed: 'run' }))).toEqual(['r16']);
  });
});

describe('what never ran by the ledger, and is there', () => {
  test('made by hand: doctor says so, repair names both ways, and either ends it', async () => {
    await upgrade(on(chain));
    const folder = folderWith({
      'r1.sql': sql('r1', { upgrade: 'CREATE TABLE t_r1 (id int);' }),
      'r15.sql': sql('r15', { revises: 'r1', upgrade: 'CREATE TABLE t_r15 (id int);' }),
      'r2.sql': sql('r2', { revises: 'r15', upgrade: 'CREATE TABLE t_r2 (id int);' }),
    });
    await catalogueOf(folder);
    await database.query('CREATE TABLE t_r15 (id int)');
    const at = { ...on(folder), edited: 'allow' } as const;
    expect(await doctor(at)).toMatchObject({ ok: false, findings: [{ code: 'missed', revision: 'r15' }] });
    const refused = { code: 'repair_refused', hint: expect.stringContaining('revgraph accept r15 --reason') };
    await expect(repair(at)).rejects.toMatchObject(refused);
    // No word of a repair stays in the ledger.
    await expect(repair({ ...at, assumeRan: ['r15'], reason: 'by hand' })).rejects.toMatchObject(refused);
    await accept({ ...at, revision: 'r15', reason: 'by hand' });
    expect(await doctor(at)).toMatchObject({ ok: true });
    expect(await status(at)).toMatchObject({ state: 'current' });
  });

  test('a row of which the ledger lost the entry: nobody guesses', async () => {
    await upgrade(on(chain));
    await database.query("DELETE FROM revgraph_ledger WHERE revision = 'r2'");
    const refused = refusedAs('missed_revisions');
    await expect(upgrade(on(chain))).rejects.toEqual(refused);
    await expect(upgrade({ ...on(chain), missed: 'run' })).rejects.toEqual(refused);
    await expect(boot({ ...on(chain), missed: 'run', evidence: 'off' })).rejects.toEqual(refused);
    const explained = await explain({ ...on(chain), revision: 'r2' });
    expect(explained.why.join(' ')).toContain('no entry of the ledger says that it ran');
    expect(explained.next).toBe(null);
    for (const dryRun of [true, false])
      await expect(repair({ ...on(chain), dryRun })).rejects.toEqual(refusedAs('repair_refused'));
    await accept({ ...on(chain), revision: 'r2', reason: 'it ran' });
    expect(await status(on(chain))).toMatchObject({ state: 'current' });
    await database.query("DELETE FROM revgraph_ledger WHERE revision = 'r2'; DROP TABLE t_r2");
    expect(ran(await repair({ ...on(chain), run: ['r2'], reason: 'it did not' }))).toEqual(['r2']);
    expect(await tables()).toEqual(['t_r1', 't_r2']);
  });
});

describe('a ledger that was copied without its sequence', () => {
  const next = [...chain, make('r3', ['r2'])];

  test.each([
    ['numbers that are taken', ''],
    ['numbers that would come before those that are there', 'DELETE FROM revgraph_ledger WHERE entry = 1;'],
  ])('%s: refused by all that write, scripts too, with the statement that mends it', async (_, pruned) => {
    await upgrade(on(chain));
    await database.query(`${pruned} ALTER TABLE revgraph_ledger ALTER entry RESTART`);
    await expect(upgrade(on(next))).rejects.toMatchObject({ code: 'preflight_refused' });
    await expect(byScript(next)).rejects.toThrow('is behind its entries');
    const refused = await stamp({ ...on(next), target: 'r3' }).catch((error) => error);
    expect(refused).toMatchObject({ code: 'version_table_invalid' });
    await database.query(refused.hint);
    expect(ran(await upgrade(on(next)))).toEqual(['r3']);
  });

  test('one that begins anew at a higher number is in order', async () => {
    await upgrade(on(chain));
    await database.query('ALTER TABLE revgraph_ledger ALTER entry RESTART WITH 1000');
    expect(ran(await upgrade(on(next)))).toEqual(['r3']);
  });
});

test('a schema that is not there is refused alike by a stamp, its dry run, and the preflight', async () => {
  const at = { ...on(chain), schema: 'nope' };
  const refused = refusedAs('schema_missing');
  for (const dryRun of [true, false])
    await expect(stamp({ ...at, target: 'r1', dryRun, confirmed: true })).rejects.toEqual(refused);
  const { preflight } = await import('../../lib/index.js');
  await expect(preflight(at)).rejects.toEqual(refused);
});
