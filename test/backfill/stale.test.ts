import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  forget,
  forgetBackfill,
  pauseBackfill,
  retry,
  retryBackfill,
  script,
  stamp,
  status,
  undo,
  upgrade,
  workBackfills,
} from '../../lib/index.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';
import { stoppingFill as fill, stoppingRows } from '../support/stopping.js';

/* A backfill that stopped, and what was done, lost or restored since: nothing twice, and nothing left out, without a decision. */

const { database, on } = databasePerTest();

const code = (header = '') => ({
  'r1.sql': sql('r1', { upgrade: 'UPDATE p SET n = n;', downgrade: 'UPDATE p SET n = n;' }),
  'f.sql': fill(header),
});
const rows = stoppingRows(database);

describe('one in place that stopped', () => {
  const stopped = async (header?: string) => {
    const at = on(folderWith(code(header)));
    await expect(upgrade(at)).rejects.toMatchObject({ code: 'backfill_incomplete' });
    await database.query('UPDATE p SET n = 0 WHERE id = 2');
    return at;
  };
  const refused = (hint: RegExp) => ({
    code: 'unfinished_step',
    exitValue: 4,
    message: 'An earlier run of f, which commits batch by batch, did not finish.',
    hint: expect.stringMatching(hint),
  });

  test('goes on, where nothing was done since', async () => {
    const at = await stopped();
    await upgrade(at);
    expect(await rows()).toEqual([1, 1, 1]);
  });

  test('is not begun anew where the tables that say how far it came are gone', async () => {
    const at = await stopped();
    await database.query('DROP TABLE revgraph_backfill, revgraph_quarantine');
    await expect(upgrade(at)).rejects.toMatchObject(refused(/are gone, .* `revgraph retry f`/));
    await expect(upgrade({ ...at, dryRun: true })).rejects.toMatchObject(refused(/are gone/));
    expect(await rows()).toEqual([1, 0, 1]);
    await retry({ ...at, revision: 'f' });
    await upgrade(at);
    expect(await rows()).toEqual([2, 1, 2]);
  });

  test('is begun anew where it may run twice', async () => {
    const at = await stopped('-- @idempotent\n');
    await database.query('DROP TABLE revgraph_backfill, revgraph_quarantine');
    await upgrade(at);
    expect(await rows()).toEqual([2, 1, 2]);
  });

  test.each([
    [
      'what is below it was taken back and ran again',
      async () => {
        const older = [make('r1', [], { upgrade: 'UPDATE p SET n = n', downgrade: 'UPDATE p SET n = n' })];
        await undo({ ...on(older), target: 'r1', confirmed: true });
        await upgrade(on(older));
      },
    ],
    [
      'a stamp said where the database is',
      (at: { revisions: string; database: string }) =>
        stamp({ ...at, target: 'base', reason: 'again', confirmed: true }),
    ],
    [
      'it was killed, and what is below it ran again',
      async () => {
        // No entry tells of a process that was killed.
        await database.query("DELETE FROM revgraph_ledger WHERE revision = 'f'");
        const older = [make('r1', [], { upgrade: 'UPDATE p SET n = n', downgrade: 'UPDATE p SET n = n' })];
        await undo({ ...on(older), target: 'r1', confirmed: true });
        await upgrade(on(older));
      },
    ],
    [
      'it was to be tried again, and what is below it ran again',
      async (at: { revisions: string; database: string }) => {
        await retry({ ...at, revision: 'f' });
        const older = [make('r1', [], { upgrade: 'UPDATE p SET n = n', downgrade: 'UPDATE p SET n = n' })];
        await undo({ ...on(older), target: 'r1', confirmed: true });
        await upgrade(on(older));
      },
    ],
    [
      'something that was put below it runs before it',
      async ({ revisions }: { revisions: string }) => {
        writeFileSync(join(revisions, 'n.sql'), sql('n', { revises: 'r1', upgrade: 'UPDATE p SET n = n;' }));
        writeFileSync(join(revisions, 'f.sql'), fill('').replace('@revises r1', '@revises n'));
      },
    ],
  ])('asks where %s: behind the last row, or at the first one', async (_, since) => {
    const at = await stopped();
    await since(at);
    await expect(upgrade(at)).rejects.toMatchObject(
      refused(/`revgraph retry f` goes on .* `revgraph backfill forget f --yes`/),
    );
    expect(await rows()).toEqual([1, 0, 1]);
    await forgetBackfill({ ...at, revision: 'f' });
    await upgrade(at);
    expect(await rows()).toEqual([2, 1, 2]);
  });
});

test('asks also where what is below it ran again under the name that older code has', async () => {
  const moves = { upgrade: 'UPDATE p SET n = n;', downgrade: 'UPDATE p SET n = n;' };
  const at = on(folderWith({ ...code(), 'r1.sql': sql('r1', { ...moves, header: '-- @formerly r0' }) }));
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'backfill_incomplete' });
  const older = on([make('r0', [], moves)]);
  await undo({ ...older, target: 'r0', confirmed: true });
  await upgrade(older);
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'unfinished_step' });
});

test('asks also where it is to go on in the background, at the cursor that it has', async () => {
  const at = on(folderWith(code()));
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'backfill_incomplete' });
  await database.query('UPDATE p SET n = 0 WHERE id = 2');
  const older = on([make('r1', [], { upgrade: 'UPDATE p SET n = n', downgrade: 'UPDATE p SET n = n' })]);
  await undo({ ...older, target: 'r1', confirmed: true });
  await upgrade(older);
  const later = on(folderWith(code('-- @background\n')));
  await expect(upgrade(later)).rejects.toMatchObject({ code: 'unfinished_step' });
  await forgetBackfill({ ...later, revision: 'f' });
  await upgrade(later);
  await workBackfills(later);
  expect(await rows()).toEqual([2, 1, 2]);
});

describe('one that newer code keeps under another name', () => {
  const back = '\n-- @downgrade\nUPDATE p SET n = n - 1;';
  const older = (header = '') =>
    on(folderWith({ ...code(), 'f.sql': fill(header).replace('@revision f', '@revision f0') + back }));
  const newer = (header = '') =>
    on(folderWith({ ...code(), 'f.sql': fill(`-- @formerly f0\n${header}`) + back }));
  const renamed = {
    code: 'backfill_renamed',
    exitValue: 4,
    details: expect.objectContaining({ revision: 'f', today: 'f0' }),
  };

  test('and that stopped, is not begun anew by older code', async () => {
    await expect(upgrade(newer())).rejects.toMatchObject({ code: 'backfill_incomplete' });
    await database.query('UPDATE p SET n = 0 WHERE id = 2');
    await expect(upgrade(older())).rejects.toMatchObject(renamed);
    expect(await rows()).toEqual([1, 0, 1]);
    await upgrade(newer());
    expect(await rows()).toEqual([1, 1, 1]);
  });

  test('and that waits, holds what requires it, and is not taken back as if it had run', async () => {
    await upgrade({ ...newer(), target: 'r1' });
    await upgrade(newer('-- @background\n'));
    const before = older('-- @background\n');
    writeFileSync(
      join(before.revisions, 'g.sql'),
      sql('g', { revises: 'f0', header: '-- @requires backfill f0', upgrade: 'SELECT 1;' }),
    );
    await expect(upgrade(before)).rejects.toMatchObject(renamed);
    await expect(undo({ ...before, target: 'f0', confirmed: true })).rejects.toMatchObject(renamed);
  });
});

test('what began as a backfill is not run as something else', async () => {
  const at = on(folderWith(code()));
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'backfill_incomplete' });
  writeFileSync(
    join(at.revisions, 'f.sql'),
    sql('f', { revises: 'r1', upgrade: 'UPDATE p SET n = n + 1 WHERE id <> 2;' }),
  );
  const refused = { code: 'unfinished_step', hint: expect.stringContaining('has no backfill any more') };
  await expect(upgrade(at)).rejects.toMatchObject(refused);
  expect(await rows()).toEqual([1, 8, 1]);
  await forgetBackfill({ ...at, revision: 'f' });
  await upgrade(at);
  expect(await rows()).toEqual([2, 8, 2]);
});

test('a script refuses what a run refuses', async () => {
  const at = on(folderWith(code()));
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'backfill_incomplete' });
  writeFileSync(join(at.revisions, 'f.sql'), sql('f', { revises: 'r1', upgrade: 'UPDATE p SET n = n + 1;' }));
  await expect(script({ ...at, direction: 'upgrade' })).rejects.toMatchObject({ code: 'unfinished_step' });
});

describe('one in the background', () => {
  const background = () => on(folderWith(code('-- @background\n')));

  test('of which nothing is kept takes no order, and says what can be done', async () => {
    const at = background();
    await upgrade({ ...at, target: 'r1' });
    await upgrade(at);
    await database.query('DROP TABLE revgraph_backfill, revgraph_quarantine');
    for (const order of [forgetBackfill, retryBackfill, pauseBackfill])
      await expect(order({ ...at, revision: 'f' })).rejects.toMatchObject({
        code: 'unfinished_step',
        hint: expect.stringMatching(/^The ledger says that it waits, .* `revgraph undo f` and upgrade again/),
      });
    // Code without its file can't take it back.
    const [left] = (await workBackfills(on([make('r1')]))).left;
    expect(left?.why).toMatch(/do that with the code that has it/);
  });

  test('that the ledger calls done is done, whatever its row says', async () => {
    const at = background();
    await database.query('UPDATE p SET n = 0 WHERE id = 2');
    await upgrade({ ...at, target: 'r1' });
    await upgrade(at);
    await database.query('CREATE TABLE before AS SELECT * FROM revgraph_backfill');
    await workBackfills(at);
    await database.query('DELETE FROM revgraph_backfill; INSERT INTO revgraph_backfill SELECT * FROM before');
    expect(await status(at)).toMatchObject({ state: 'current', backfills: [], unfinished: [] });
    await workBackfills(at);
    expect(await rows()).toEqual([1, 1, 1]);
  });

  test.each([
    [
      'forgotten',
      (at: object) => forget({ ...at, revision: 'f', reason: 'retired', confirmed: true } as never),
    ],
    [
      'stamped away',
      (at: object) => stamp({ ...at, target: 'r1', reason: 'again', confirmed: true } as never),
    ],
  ])(
    'that was %s is asked about when it is queued again, and begins at the first row where that is said',
    async (what, take) => {
      const at = background();
      await upgrade({ ...at, target: 'r1' });
      await upgrade(at);
      await workBackfills(at).catch(() => {});
      await take(what === 'forgotten' ? on([make('r1')]) : at);
      await database.query('UPDATE p SET n = 0');
      await expect(upgrade(at)).rejects.toMatchObject({ code: 'unfinished_step' });
      await forgetBackfill({ ...at, revision: 'f' });
      await upgrade(at);
      await workBackfills(at);
      expect(await rows()).toEqual([1, 1, 1]);
    },
  );

  test('that a script takes back begins at the first row when it comes again', async () => {
    const back = '\n-- @downgrade\nUPDATE p SET n = 0 WHERE id <> 2;';
    const at = on(folderWith({ ...code(), 'f.sql': fill('-- @background\n') + back }));
    await upgrade({ ...at, target: 'r1' });
    await upgrade(at);
    await database.query('UPDATE p SET n = 0 WHERE id = 2');
    await workBackfills(at);
    expect(await rows()).toEqual([1, 1, 1]);
    const { text } = await script({ ...at, direction: 'undo', target: 'f' });
    await database.query(text);
    await database.query('UPDATE p SET n = 0 WHERE id = 2');
    expect(await rows()).toEqual([0, 0, 0]);
    await upgrade({ ...at, background: 'inline' });
    expect(await rows()).toEqual([1, 1, 1]);
  });
});
