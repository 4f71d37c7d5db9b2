import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkCatalogue, identify, show } from '../../../lib/index.js';
import { catalogueOf } from '../../support/catalogue.js';
import { freshDatabase } from '../../support/databases.js';
import { folderWith, sql } from '../../support/project.js';
import { chainFiles } from '../chain.js';

/* Two branches that each add a revision: git merges their catalogues, and nobody takes the merge for what was replayed. */

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd, encoding: 'utf8' });

/** A repository with a chain, and its catalogue. */
async function repository(length = 2): Promise<string> {
  const chain = Array.from({ length }, (_, n) => [`base${n}`, `CREATE TABLE base${n} (id int);`]);
  const folder = folderWith(chainFiles(Object.fromEntries(chain)));
  git(folder, 'init', '-q', '-b', 'main');
  await commit(folder);
  return folder;
}
async function commit(folder: string): Promise<void> {
  await catalogueOf(folder);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'revisions');
}
async function branch(folder: string, id: string, upgrade: string, revises: string): Promise<void> {
  git(folder, 'checkout', '-q', '-b', id, 'main');
  writeFileSync(join(folder, `${id}.sql`), sql(id, { revises, upgrade, downgrade: 'SELECT 1;' }));
  await commit(folder);
}
const merges = (folder: string, id: string) =>
  spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', 'merge', '-q', '--no-edit', id], {
    cwd: folder,
  }).status;

describe('git merges what two branches add', () => {
  test.each([
    ['a3f2c1d4e5b6', '0c9d8e7f6a5b'],
    ['20260101_orders', '20260102_invoices'],
    ['20260101_a', '20260101_b'],
    ['add_users', 'add_teams'],
  ])('%s and %s', async (a, b) => {
    const folder = await repository(1);
    await branch(folder, a, 'CREATE TABLE of_a (id int, s text); CREATE INDEX ON of_a (s);', 'base0');
    await branch(folder, b, 'CREATE TABLE of_b (id int, s text); CREATE INDEX ON of_b (s);', 'base0');
    expect(merges(folder, a)).toBe(0);
    const { ok, stale } = await checkCatalogue({ revisions: folder });
    expect([ok, stale]).toEqual([
      false,
      [{ revision: expect.any(String), why: expect.stringContaining('was not replayed together with') }],
    ]);
    expect((await show({ revisions: folder, target: a })).length).toBe(1);
    await catalogueOf(folder);
    expect(await checkCatalogue({ revisions: folder })).toMatchObject({ ok: true });
  });

  test('a second build changes the entry of one of them, and no other line', async () => {
    const folder = await repository(3);
    await branch(folder, 'left', 'CREATE TABLE l (id int);', 'base2');
    await branch(folder, 'right', 'CREATE TABLE r (id int);', 'base2');
    merges(folder, 'left');
    await catalogueOf(folder);
    const lines = git(folder, 'diff', '--numstat', '--', 'catalogue.json')
      .split('\t')
      .slice(0, 2)
      .map(Number);
    // What it names, its digest, and a comma.
    expect(lines).toEqual([5, 2]);
  });

  test('on labelled lines that stay apart, too', async () => {
    const folder = await repository(1);
    await branch(folder, 'q1', 'CREATE TABLE q1 (id int);', 'base0');
    git(folder, 'checkout', '-q', 'main');
    git(folder, 'merge', '-q', 'q1');
    await branch(folder, 'p1', 'CREATE TABLE p1 (id int);', 'base0');
    git(folder, 'checkout', '-q', 'main');
    git(folder, 'merge', '-q', 'p1');
    await branch(folder, 'p2', 'CREATE TABLE p2 (id int);', 'p1');
    await branch(folder, 'q2', 'CREATE TABLE q2 (id int);', 'q1');
    expect(merges(folder, 'p2')).toBe(0);
  });
});

test('what both sides make is evidence for neither, and no merge hides it', async () => {
  const folder = await repository(1);
  const same = 'CREATE TABLE IF NOT EXISTS item (id int);';
  await branch(folder, 'left', same, 'base0');
  await branch(folder, 'right', same, 'base0');
  expect(merges(folder, 'left')).toBe(0);
  const database = await freshDatabase();
  try {
    await database.query('CREATE TABLE base0 (id int); CREATE TABLE item (id int)');
    await expect(identify({ revisions: folder, database: database.url })).rejects.toMatchObject({
      code: 'catalogue_stale',
    });
  } finally {
    await database.drop();
  }
});

test('an edit below what the other side adds is found', async () => {
  const folder = await repository(2);
  await branch(folder, 'left', 'ALTER TABLE base0 ADD COLUMN n int;', 'base1');
  git(folder, 'checkout', '-q', '-b', 'right', 'main');
  writeFileSync(
    join(folder, 'base0.sql'),
    sql('base0', { upgrade: 'CREATE TABLE base0 (id bigint);', downgrade: 'SELECT 1;' }),
  );
  await commit(folder);
  expect(merges(folder, 'left')).toBe(0);
  const { stale } = await checkCatalogue({ revisions: folder });
  expect(stale).toEqual([{ revision: 'left', why: expect.stringMatching(/stands on has changed/) }]);
});

test('a conflict, or an edit by hand, is refused as that, and a build mends it', async () => {
  const folder = await repository(1);
  const file = join(folder, 'catalogue.json');
  const whole = readFileSync(file, 'utf8');
  const refused = (reason: RegExp) =>
    expect(checkCatalogue({ revisions: folder })).rejects.toMatchObject({
      code: 'catalogue_invalid',
      details: { reason: expect.stringMatching(reason) },
    });
  writeFileSync(file, whole.replace('  "7f",', '<<<<<<< HEAD\n  "7f",\n=======\n>>>>>>> other'));
  await refused(/conflicts of a merge/);
  writeFileSync(file, whole.replace('base0.id: integer', 'base0.id: bigint'));
  await refused(/edited or merged manually: see base0/);
  await catalogueOf(folder);
  expect(readFileSync(file, 'utf8')).toBe(whole);
});
